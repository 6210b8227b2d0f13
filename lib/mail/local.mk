libgatepost_a_SOURCES += \
	%D%/message.h \
	%D%/address.c \
	%D%/address.h
