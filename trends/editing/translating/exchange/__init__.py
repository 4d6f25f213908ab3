"""Files for the tools of translators, XLIFF 2 and PO: out, and back in after a look at them."""
