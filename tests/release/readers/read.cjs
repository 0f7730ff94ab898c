// Reads an RDF file with N3.js, or JSON-LD with jsonld.js, and prints its quads as N-Quads.
// usage: node read.cjs FILE MEDIA-TYPE [CONTEXT-ADDRESS CONTEXT-FILE]
// A context at any other address is refused: nothing is fetched.
const fs = require('fs');

const [file, type, address, contextFile] = process.argv.slice(2);
const text = fs.readFileSync(file, 'utf8');

async function readJsonLd() {
  const jsonld = require('jsonld');
  const documentLoader = async (url) => {
    if (url !== address) throw new Error(`context ${url} is not given`);
    return { documentUrl: url, document: JSON.parse(fs.readFileSync(contextFile, 'utf8')) };
  };
  const format = 'application/n-quads';
  process.stdout.write(await jsonld.toRDF(JSON.parse(text), { format, documentLoader, safe: true }));
}

function readWithN3() {
  const { Parser, Writer } = require('n3');
  const writer = new Writer(process.stdout, { format: 'N-Quads', end: false });
  for (const quad of new Parser({ format: type }).parse(text)) writer.addQuad(quad);
  writer.end();
}

(async () => (type === 'application/ld+json' ? readJsonLd() : readWithN3()))().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
