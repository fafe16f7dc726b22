"""The only door for files and frames: `company` on the way in, `folder` and its tables on the way out."""
