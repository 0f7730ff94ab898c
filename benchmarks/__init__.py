"""Benchmarks of nhskg, each against a named alternative; see docs/benchmarks.md."""
