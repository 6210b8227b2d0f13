include tests/unit/local.mk
include tests/conformance/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
