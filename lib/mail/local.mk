libgatepost_a_SOURCES += \
	%D%/address.h \
	%D%/message.c \
	%D%/message.h
