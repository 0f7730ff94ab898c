"""Commands for those who work on nhskg; nothing here is installed with it."""
