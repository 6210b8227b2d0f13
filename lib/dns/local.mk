libgatepost_a_SOURCES += \
	%D%/dns.h \
	%D%/dns-conf.h \
	%D%/zone.h
