"""Files of trends in the admin: a selection written as a zip, and files checked and imported."""
