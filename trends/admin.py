"""The admin of this app, which Django imports by this name."""

from trends.editing import admin as admin
from trends.transfer import transfer_admin as transfer_admin
