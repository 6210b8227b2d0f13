EXTRA_DIST += %D%/quickstart
