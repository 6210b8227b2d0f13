libgatepost_a_SOURCES += \
	%D%/conf.h
