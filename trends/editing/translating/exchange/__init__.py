"""Export and import of files for translation tools: XLIFF 2.0 and PO."""
