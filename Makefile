# The front door. `make help` tells what there is.
JOBS ?= $(shell nproc 2> /dev/null || echo 1)
BUILD ?= build
PREFIX ?= /usr/local
Q := $(if $(V),,@)
PACKAGES := cmake/install-packages.sh
CONFIGURE = cmake -S . -DCMAKE_BUILD_TYPE=Release
# Configure and build quietly; on failure show what was said.
QUIETLY = sh -c '"$$@" > $(BUILD)/log.txt 2>&1 || { cat $(BUILD)/log.txt; exit 1; }' --

.PHONY: all demo test docs bench install clean help format

all: ## Build the library and the command `sagips` into build/
	$(Q)$(PACKAGES) build
	$(Q)mkdir -p $(BUILD)
	$(Q)$(QUIETLY) $(CONFIGURE) -B $(BUILD)
	$(Q)$(QUIETLY) cmake --build $(BUILD) -j$(JOBS)

demo: all ## Closure test: find six parameters in a million events; writes out/demo/report.html
	$(Q)$(BUILD)/bin/sagips run --problem proxy1d --preset fast --events 1000000 --out out/demo --overwrite

test: ## Build the tests (warnings are errors) and run them all
	$(Q)$(PACKAGES) build test
	$(Q)$(CONFIGURE) -B $(BUILD)-test -DSAGIPS_BUILD_TESTS=ON -DSAGIPS_BUILD_EXAMPLES=ON -DSAGIPS_BUILD_BENCH=ON -DSAGIPS_WERROR=ON
	$(Q)cmake --build $(BUILD)-test -j$(JOBS)
	$(Q)ctest --test-dir $(BUILD)-test --output-on-failure -j$(JOBS)

docs: ## Build the documentation into build/docs/html
	$(Q)$(PACKAGES) build docs
	$(Q)mkdir -p $(BUILD)/docs
	$(Q)SAGIPS_DOCS_OUT=$(BUILD)/docs doxygen docs/Doxyfile
	@echo "Open $(BUILD)/docs/html/index.html"

bench: ## Run the benchmarks; writes out/bench/
	$(Q)$(PACKAGES) build bench
	$(Q)$(CONFIGURE) -B $(BUILD)-bench -DSAGIPS_BUILD_BENCH=ON
	$(Q)cmake --build $(BUILD)-bench -j$(JOBS)
	$(Q)mkdir -p out/bench
	$(Q)$(BUILD)-bench/bin/bench_engine --out out/bench/engine.json
	$(Q)$(BUILD)-bench/bin/bench_closure --out out/bench/closure.json
	$(Q)$(BUILD)-bench/bin/bench_ensemble --out out/bench/ensemble.json

install: all ## Install below PREFIX (default /usr/local)
	$(Q)cmake --install $(BUILD) --prefix "$(PREFIX)"

format: ## Format the sources as the project does
	$(Q)git ls-files '*.cpp' '*.h' '*.hpp' '*.c' ':!include/sagips.h' | xargs clang-format -i

clean: ## Remove what was built
	$(Q)rm -rf $(BUILD) $(BUILD)-test $(BUILD)-bench

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
