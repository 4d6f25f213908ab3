#!/bin/bash
cd /work/main; unset DATABASE_URL MEDIA_ROOT; PYTHONPATH=/tmp/mine:/work/main exec .venv/bin/python -m pytest --ds=minesettings -q "$@"
