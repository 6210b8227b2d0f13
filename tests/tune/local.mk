# What the content symbols are worth, measured on labelled mail: see the top of
# tests/tune/symbols.  tests/conformance/test_content.py uses the driver, too.
check_PROGRAMS += %D%/symbols-driver
%C%_symbols_driver_SOURCES = %D%/symbols-driver.c
%C%_symbols_driver_LDADD = $(LIBGATEPOST)

EXTRA_DIST += %D%/drive.py
EXTRA_DIST += %D%/symbols
