"""Export of selected trends as a zip, and import of files, both in the admin."""
