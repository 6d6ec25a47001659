# Building, testing and showing asa-rotator. `make` alone lists the targets.
#
# Everything is built in the debug configuration, so that the tests and the demo share one build.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

PROTOBUF_INCLUDES := .build/checkouts/swift-protobuf/Sources/protobuf/protobuf/src
SWIFT_SOURCES = find Sources Tests Package.swift -name '*.swift' -not -path '*/Generated/*' -print0
SHELL_SOURCES = grep --recursive --files-with-matches --max-count=1 --null -E '^\#(!/usr/bin/env bash|!/bin/sh|.*shell=bash)' \
  .ci Tests systemd

# Where `make install` puts what: below DESTDIR, the programs from PROGRAMS.
DESTDIR :=
PROGRAMS := .build/debug
PLACE = install -D --mode=$(1) --target-directory=$(DESTDIR)$(2) $(3)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install-dependencies
install-dependencies: ## install the Debian packages that are missing, without starting any service
	@Tests/Lab/install-dependencies

.PHONY: test
test: ## everything: format lint, unit tests, the tests against a real domain controller, the short form of test-systemd
	@Tests/Lab/with-scratch $(MAKE) --no-print-directory test-steps

.PHONY: test-steps
test-steps: install-dependencies lint unit model-short simulation-test lab-test systemd-test-if-possible

# A debug assertion in a library ends the process where its release code ends one stream, as grpc-swift's does when a stream is cut while a message
# is on its way: not in programs that are installed, and so not in what is tested either.
BUILD := swift build -Xswiftc -assert-config -Xswiftc Release

# Tests are always built here and run with --skip-build: `swift test` plans another build and would compile parts of it again.
.PHONY: build
build: ## build the three programs and the tests
	$(BUILD) --build-tests

.PHONY: programs
programs: ## build the programs alone
	$(BUILD)

.PHONY: lint
lint: ## check the format of the Swift sources and the shell scripts
	@$(SWIFT_SOURCES) | xargs -0 swift format lint --strict --parallel
	@$(SHELL_SOURCES) | xargs -0 shellcheck --external-sources
	@echo "lint: no finding"

# Eight tests at once: when all 1,500 begin together, those with sockets wait for their turn until their peers have given up.
.PHONY: unit
unit: build ## the tests that need no domain controller
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 swift test --skip-build --disable-xctest --skip LabTests

# The simulation alone is built optimised: it needs few of the packages, and debug builds are ten times slower.
.PHONY: simulator
simulator:
	swift build --configuration release --product asa-simulate \
	  -Xswiftc -cross-module-optimization -Xswiftc -enforce-exclusivity=unchecked

SEEDS := 10000
FROM := 1

.PHONY: simulate
simulate: simulator ## the core in seeded worlds where everything goes wrong: SEEDS=N FROM=S
	@.build/release/asa-simulate --seeds $(SEEDS) --from $(FROM)

.PHONY: simulation-test
simulation-test: simulator ## a few thousand such worlds, one of them twice, and every planted fault
	@.build/release/asa-simulate --seeds 3000
	@cmp <(.build/release/asa-simulate --seed 7) <(.build/release/asa-simulate --seed 7)
	@.build/release/asa-simulate --planted all --seeds 10000

.PHONY: mutants
mutants: simulator ## break RotationCore in many places, one at a time: the simulation must notice (root, slow)
	@Tests/Simulation/mutants

.PHONY: lab-test
lab-test: build ## the tests that need one, inside a lab of their own (root)
	Tests/Lab/with-lab $(MAKE) --no-print-directory lab-suites
	$(MAKE) --no-print-directory replication-test

.PHONY: replication-test
replication-test: build ## the tests that need two domain controllers that replicate, or two realms (root)
	Tests/Lab/with-lab --controllers 2 --realms 2 $(MAKE) --no-print-directory replication-suites
	Tests/Lab/with-lab --controllers 2 --read-only \
	  swift test --skip-build --disable-xctest --filter LabTests.ReadOnlyController

.PHONY: replication-suites
replication-suites:
	swift test --skip-build --disable-xctest --filter LabTests.Replication
	swift test --skip-build --disable-xctest --filter LabTests.CutOffNodeTests
	swift test --skip-build --disable-xctest --filter LabTests.Sites

.PHONY: doctor-test
doctor-test: build ## plant every fault that doctor knows, one at a time, on a real installation (root, a minute)
	@Tests/Lab/with-scratch Tests/Lab/with-lab swift test --skip-build --disable-xctest --filter LabTests.DoctorTests

# In several runs: a domain controller on two cores serves only so many suites at once.
.PHONY: lab-suites
lab-suites:
	swift test --skip-build --disable-xctest --filter LabTests --skip EndToEnd --skip HardCases --skip Parity --skip Replication --skip DoctorTests
	swift test --skip-build --disable-xctest --filter LabTests.EndToEnd
	swift test --skip-build --disable-xctest --filter LabTests.HardCases
	swift test --skip-build --disable-xctest --filter LabTests.Parity
	swift test --skip-build --disable-xctest --filter LabTests.DoctorTests
	Tests/Crash/crash random 20

.PHONY: duel
duel: build ## two rotators with copies of one store, told to rotate at once (root): ROUNDS=50 SEED=1
	$(call IN_LAB,ASA_DUEL_ROUNDS=$(or $(ROUNDS),50) ASA_DUEL_SEED=$(or $(SEED),1),LabTests.EndToEnd.DuelTests)

.PHONY: wire
wire: build ## rotations over a wire that cuts, delays, swallows and releases late (root): TIMES=100 SEED=random ONLY=WORDS
	$(call IN_LAB,ASA_WIRE_TIMES=$(or $(TIMES),100) ASA_WIRE_SEED=$(or $(SEED),$$RANDOM) ASA_WIRE_ONLY='$(ONLY)',LabTests.EndToEnd.WireTests)

.PHONY: soak
soak: ## clients without end while passwords rotate and everything fails (root): MINUTES=2 SEED=random; CONTROL=1: in the wrong order
	@$(MAKE) --no-print-directory install-dependencies build >&2
	@Tests/Lab/with-scratch Tests/Soak/soak $(if $(CONTROL),--control $(or $(MINUTES),1),$(or $(MINUTES),2)) $(SEED)

# $(call IN_LAB,VARIABLES,TESTS): tests at the length that the variables ask for, in a lab of their own.
IN_LAB = Tests/Lab/with-scratch Tests/Lab/with-lab env $(1) swift test --skip-build --disable-xctest --filter $(2)

.PHONY: model
model: install-dependencies ## check the protocol model: every scenario holds, every rule taken out breaks one (4 minutes)
	@Tests/Lab/with-scratch Tests/Model/run-model

.PHONY: model-short
model-short: ## the main scenario of the model and two rules
	@Tests/Lab/with-scratch Tests/Model/run-model --short

.PHONY: test-systemd
test-systemd: install-dependencies build ## all cases in a real, booted systemd (root); CASE=WORD: only those named like it
	@Tests/Lab/with-scratch Tests/Systemd/test-systemd $(CASE)

.PHONY: systemd-test-if-possible
systemd-test-if-possible: build
	@Tests/Systemd/test-systemd --if-possible --short

.PHONY: crash
crash: install-dependencies build ## kill -9 rotator and agents at KILLS (200) random instants on the real lab (root); SEED=n draws the same ones
	@Tests/Lab/with-scratch Tests/Crash/crash random $(or $(KILLS),200) $(SEED)

.PHONY: crash-boundaries
crash-boundaries: install-dependencies build ## kill -9 them once at every boundary between two steps (root); AT=WORD: only where its name holds it
	@Tests/Lab/with-scratch Tests/Crash/crash boundaries $(AT)

.PHONY: install
install: ## put programs (PROGRAMS=.build/debug), units and their companions below DESTDIR; creates no user, starts nothing
	$(call PLACE,755,/usr/sbin,$(PROGRAMS)/asa-rotatord $(PROGRAMS)/asa-agentd)
	$(call PLACE,755,/usr/bin,$(PROGRAMS)/asactl)
	$(call PLACE,644,/usr/lib/systemd/system,$(wildcard systemd/*.service))
	$(call PLACE,644,/usr/lib/systemd/catalog,systemd/asa-rotator.catalog)
	$(call PLACE,644,/usr/lib/sysusers.d,systemd/sysusers.d/asa-rotator.conf)
	$(call PLACE,644,/usr/lib/tmpfiles.d,systemd/tmpfiles.d/asa-rotator.conf)
	$(call PLACE,644,/usr/share/polkit-1/rules.d,systemd/polkit/60-asa-rotator.rules)
	$(call PLACE,755,/usr/lib/asa-rotator,systemd/outcome/asa-outcome)
	$(call PLACE,644,/usr/lib/asa-rotator/outcome,$(wildcard systemd/outcome/*.sample))
	$(call PLACE,644,/usr/share/doc/asa-rotator,README.md $(wildcard docs/*.md) config/rotator.yaml config/agent.yaml)
	$(foreach example,$(notdir $(wildcard config/examples/*)),\
	  $(call PLACE,644,/usr/share/doc/asa-rotator/examples/$(example),$(wildcard config/examples/$(example)/*.yaml)) &&) true
	$(call DOCUMENT,$(DESTDIR)/usr/share)

# $(call DOCUMENT,DIRECTORY): the manual and the shell completions, made from the help of the programs, as they belong below /usr/share.
DOCUMENT = $(PROGRAMS)/asa-manual --programs $(PROGRAMS) --samples config $(1)
DOCS := .build/share

.PHONY: docs
docs: ## write manual and shell completions from the built programs to DOCS=.build/share; man -l .build/share/man/man8/asactl.8
	$(call DOCUMENT,$(DOCS))

.PHONY: demo
demo: install-dependencies ## two real rotations across three nodes, shown and proven; KEEP=1 leaves the cluster running
	@Tests/Lab/with-scratch Tests/Demo/demo

.PHONY: proto
proto: ## regenerate the code of both .proto files
	swift build --product protoc-gen-swift
	swift build --product protoc-gen-grpc-swift-2
	@$(call generate,Sources/AgentProtocol,asa_agent_v1)
	@$(call generate,Sources/ControlProtocol,asa_control_v1)
	@git diff --stat -- 'Sources/*/Generated'

# $(call generate,DIRECTORY,NAME): DIRECTORY/NAME.proto to DIRECTORY/Generated, by the plugins of the resolved package versions.
define generate
	protoc -I$(PROTOBUF_INCLUDES) -I$(1) \
	  --plugin=protoc-gen-swift=.build/debug/protoc-gen-swift \
	  --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true --swift_out=$(1)/Generated \
	  --plugin=protoc-gen-grpc-swift-2=.build/debug/protoc-gen-grpc-swift-2 \
	  --grpc-swift-2_opt=Visibility=Package,UseAccessLevelOnImports=true --grpc-swift-2_out=$(1)/Generated \
	  $(1)/$(2).proto
endef

.PHONY: transitions
transitions: build ## write the tables of transitions anew, from the machine and the ledger themselves
	ASA_WRITE_TRANSITIONS=1 swift test --skip-build --disable-xctest --filter TransitionTableTests

.PHONY: json-page
json-page: build ## write docs/json.md anew from the declarations of the documents
	ASA_WRITE_JSON_PAGE=1 swift test --skip-build --disable-xctest --filter DocumentPageTests

# In a build of its own, so that the programs of the others stay free of counters.
COVERAGE := .build/coverage
.PHONY: coverage
coverage: install-dependencies ## how many lines of RotationCore its own tests run; fails below 95 %
	swift build --build-tests --enable-code-coverage --scratch-path $(COVERAGE)
	swift test --skip-build --enable-code-coverage --scratch-path $(COVERAGE) --disable-xctest --filter RotationCoreTests
	@Tests/Coverage/report $(COVERAGE) 95

.PHONY: clean
clean: ## end a kept lab and remove what was built
	@if [[ -d .lab ]]; then Tests/Lab/lab-down; fi
	swift package clean
