"""Where Django looks for the admin of an app."""

from trends.editing import admin as admin
from trends.transfer import transfer_admin as transfer_admin
