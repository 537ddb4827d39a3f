.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PYTHON := $(BIN)/python
# Written by `make generated`, committed, and proven fresh by `make check`.
GENERATED := app/aws/catalog/catalog.json .env.example docs/openapi.json docs/errors.md docs/aws.md \
	docs/configuration.md docs/cloudrota.md docs/logs.md
UV := .local/tools/bin/uv
CODE := app tests alembic
# Node and its tools out of .venv, whatever else this machine has.
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
MODULES := frontend/node_modules/.package-lock.json

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Try it

.PHONY: demo
demo: setup console ## The whole product on this machine, with an emulated AWS account; ONCE=1 ends by itself, PORT= of the API
	@$(PYTHON) -m tests.demo $(if $(ONCE),--once) $(if $(PORT),--port=$(PORT))

.PHONY: mail
mail: ## Show the mails the product has sent here
	@$(PYTHON) -m tests.mailbox show

##@ Run the parts

.PHONY: setup
setup: ## Install everything into this checkout (no root, nothing outside it)
	@./setup.sh

.PHONY: console
console: setup $(MODULES) ## Build the web console, which the API then serves
	@cd frontend && $(NODE) npm run --silent client >/dev/null && $(NODE) npm run --silent build -- --logLevel warn

# Made anew where the lock has changed; nothing of any package is run on the way.
$(MODULES): frontend/package-lock.json .venv/.installed
	@echo "console: installing its packages"
	@cd frontend && $(NODE) npm ci --ignore-scripts --silent
	@touch $@

.PHONY: console-dev
console-dev: console ## The console on http://localhost:5173 as its files change, with the API on port 8000
	@cd frontend && $(NODE) npm run dev

.PHONY: dev-up
dev-up: ## Start PostgreSQL, Valkey and the mailbox; POSTGRES_PORT= and VALKEY_PORT= choose ports
	@$(PYTHON) -m app.core.embedded up \
		$(if $(POSTGRES_PORT),--postgres-port=$(POSTGRES_PORT)) \
		$(if $(VALKEY_PORT),--valkey-port=$(VALKEY_PORT))
	@$(PYTHON) -m tests.mailbox up

.PHONY: dev-down
dev-down: ## Stop them; the data stay in .local
	@$(PYTHON) -m app.core.embedded down
	@$(PYTHON) -m tests.mailbox down

.PHONY: upgrade
upgrade: ## Make or bring up to date the database, its logins and its tables
	@./cloudrota bootstrap
	@./cloudrota migrate

.PHONY: run-server
run-server: ## The API on http://127.0.0.1:8000
	$(BIN)/uvicorn app.main:create_app --factory --host 127.0.0.1 --port 8000 --no-proxy-headers \
		--loop uvloop --http httptools --no-server-header --timeout-graceful-shutdown 5

.PHONY: run-worker
run-worker: ## A worker: runs the executions
	$(BIN)/celery -A app.tasks.celery_app worker -P threads -c 16 \
		--without-gossip --without-mingle --loglevel INFO

.PHONY: run-beat
run-beat: ## The beat: starts what is due
	$(BIN)/celery -A app.tasks.celery_app beat --loglevel INFO

.PHONY: explain
explain: ## Why did this not run? ID= of an execution, a run or a task
	@./cloudrota explain-execution $(ID)

.PHONY: erase
erase: ## Erase the organizations and people whose time has come; IDS= those that a restore brought back
	@./cloudrota erase --json $(IDS)

.PHONY: end-sessions
end-sessions: ## Sign out at once: PERSON= an address, or ORGANIZATION= an id
	@./cloudrota end-sessions $(if $(PERSON),--person="$(PERSON)") \
		$(if $(ORGANIZATION),--organization="$(ORGANIZATION)")

.PHONY: forget-second-factor
forget-second-factor: ## Multi-factor sign-in is lost: PERSON= an address, PROOF= how it is known who asks (runbook first)
	@./cloudrota forget-second-factor "$(PERSON)" --proof="$(PROOF)"

.PHONY: plans
plans: ## Show the plans; PLAN= one to change, SET="price=price_… members=30 aws_accounts=none"
	@./cloudrota plans $(if $(PLAN),set $(PLAN) $(SET),show)

.PHONY: subscriptions
subscriptions: ## Who has which plan, who owes, and of whom Stripe said what is not believed
	@./cloudrota plans overview

.PHONY: give-plan
give-plan: ## Give ORGANIZATION= the PLAN= for nothing, until charge
	@./cloudrota plans give $(ORGANIZATION) $(PLAN)

.PHONY: charge
charge: ## End the gift to ORGANIZATION=: it has the default plan, or what it has bought
	@./cloudrota plans charge $(ORGANIZATION)

.PHONY: rewrap-keys
rewrap-keys: ## Wrap stored secrets anew under the active key; COUNT=1 only counts what is under which
	@./cloudrota rotate-keys --json $(if $(COUNT),--count)

.PHONY: verify-audit
verify-audit: ## Is any audit log changed or cut? ID= of one organization, HEADS= a file of kept heads
	@./cloudrota verify-audit $(ID) $(if $(HEADS),--heads=$(HEADS))

.PHONY: stripe-events
stripe-events: ## Stripe's events, the newest first; SINCE=2026-11-22, IDS=, QUARANTINED=1; REPLAY=1 judges them anew
	@./cloudrota replay stripe-events $(if $(REPLAY),,--list) $(IDS) \
		$(if $(SINCE),--since=$(SINCE)) $(if $(QUARANTINED),--quarantined)

.PHONY: route-again
route-again: ## Notices that could not be routed; AGAIN=1 has them routed again, all or IDS=
	@./cloudrota replay notices $(if $(AGAIN),,--list) $(IDS)

.PHONY: verify-evidence
verify-evidence: ## Is a bundle whole and ours? FILE=, KEY= the public key or its fingerprint, HEADS= a file of kept heads
	@./cloudrota verify-evidence "$(FILE)" --key "$(KEY)" $(if $(HEADS),--heads "$(HEADS)")

.PHONY: onboarding-template
onboarding-template: ## The role as a CloudFormation template, to be put where AWS_ONBOARDING_TEMPLATE_URL says
	@./cloudrota onboarding-template

.PHONY: partitions
partitions: ## Make the next months' partitions, drop those that retention has emptied
	@./cloudrota partitions

##@ In containers

IMAGE ?= cloudrota:local
COMPOSE := IMAGE=$(IMAGE) docker compose --env-file .local/compose.env

.PHONY: image
image: ## Build the container image IMAGE=; PUSH=1 pushes it with an SBOM and its provenance
	@docker buildx build --tag $(IMAGE) $(if $(PUSH),--sbom=true --provenance=mode=max --push,--load) .

.PHONY: compose-up
compose-up: image .local/compose.env ## The whole product in containers on http://127.0.0.1:8000; secrets in .local/compose.env
	@$(COMPOSE) up --detach --wait

# Once: who has data has the passwords that go with them.
.local/compose.env:
	@mkdir -p .local
	@umask 077; docker run --rm --network none $(IMAGE) python -m app.core.compose_env >$@.new
	@mv $@.new $@

.PHONY: compose-down
compose-down: ## Stop them; the data stay in volumes
	@$(COMPOSE) down

.PHONY: sbom
sbom: ## What is in the image, as CycloneDX: .local/sbom/python.cdx.json and console.cdx.json
	@python3 -m tests.image.sbom .local/sbom

.PHONY: image-check
image-check: setup ## Lint the Dockerfile, docker-compose.yml and the workflows, and run tests/image
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/zizmor --offline --strict-collection --quiet .github
	@$(BIN)/pytest tests/image

##@ Prove it

.PHONY: test
test: setup ## The whole test suite on real servers; ARGS= is handed to pytest
	@$(BIN)/pytest -n 2 $(ARGS)

.PHONY: truth
truth: setup ## An error at every call of every check; none may end succeeded; SHORT=1 for a minute of it
	@$(PYTHON) -m tests.truth $(if $(SHORT),--short)

.PHONY: chaos
chaos: setup ## Faults at the real processes, and an independent judge; LONG=1 for most of an hour, PLANTED=1 planted faults, SEED=
	@$(PYTHON) -m tests.chaos $(if $(LONG),--long) $(if $(PLANTED),--planted) \
		$(if $(SEED),--seed=$(SEED)) $(if $(MINUTES),--minutes=$(MINUTES)) $(if $(ONLY),--only="$(ONLY)")

.PHONY: storm
storm: setup ## 10,000 failures in a minute, routers and senders that are killed, receivers in bad moods: nothing may be lost; SHORT=1, FAILURES=
	@$(PYTHON) -m tests.storm $(if $(SHORT),--short) $(if $(FAILURES),--failures=$(FAILURES))

.PHONY: prove-billing
prove-billing: setup ## Random histories at a fake of Stripe, attacks, races for a plan's last places; LONG=1 for 2,000 histories, SEED=
	@$(PYTHON) -m tests.billing $(if $(LONG),--long) $(if $(SEED),--seed=$(SEED))

.PHONY: restore-drill
restore-drill: setup ## Fill a database, back it up, lose and restore it, on the same server and on another: nothing may be done twice
	@$(PYTHON) -m tests.drill

.PHONY: attack
attack: setup ## Everything an attacker sends, at a real API process; LONG=1 for ten times as much, ONLY= one part, SEED=
	@$(PYTHON) -m tests.attack $(if $(LONG),--long) $(if $(ONLY),--only=$(ONLY)) \
		$(if $(SEED),--seed=$(SEED))

.PHONY: tf-check
tf-check: setup ## The Terraform without an account of AWS: policies, checkov, fmt, validate, tests, an apply to an emulator; ONLY= one of these
	@PYTHON=$(PYTHON) ONLY=$(ONLY) infrastructure/check

.local/audit/.installed: requirements-audit.txt | setup
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement $<
	@touch $@

.PHONY: weaknesses
weaknesses: setup .local/audit/.installed ## The libraries of the product beside the lists of published weaknesses; needs PyPI and the npm registry
	@.local/audit/bin/pip-audit --strict --requirement requirements.txt --disable-pip --require-hashes --progress-spinner off
	@cd frontend && PATH="$(abspath $(BIN)):$$PATH" npm audit --omit=dev

.PHONY: asvs
asvs: setup ## What of OWASP ASVS 5.0, levels 1 and 2, is not met, and the totals
	@$(PYTHON) -m tests.walks.asvs

.PHONY: machine
machine: setup ## Executions against a model, in any order of events; LONG=1 runs 2,000 of them
	@$(BIN)/pytest tests/services/test_execution_machine.py $(if $(LONG),--hypothesis-profile=long)

# The peers of the benchmarks, each in an environment of its own, made on first use. Where
# one cannot be had, its benchmark says so and goes on.
.local/peers/%/.installed: requirements-peers-%.txt | setup
	@echo "peers: installing $* into $(@D)"
	@$(PYTHON) -m venv --clear $(@D)
	@if $(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		--requirement $<; then touch $@; else echo "peers: $* cannot be installed here" >&2; fi

.PHONY: bench-api
bench-api: setup .local/peers/template/.installed ## A page of tasks, a sign-in and a hello beside an asyncpg floor and FastAPI's full-stack template; SHORT=1 for a minute of it
	@$(PYTHON) -m tests.bench.api $(if $(SHORT),--short)

.PHONY: bench-events
bench-events: setup ## 1,000 event streams on one API process: what they cost, and how soon each is told
	@$(PYTHON) -m tests.bench.events

.PHONY: bench-inventory
bench-inventory: setup ## 100,000 resources beside bare COPY, and the memory of a worker that reads them
	@$(PYTHON) -m tests.bench.inventory

.PHONY: bench-growth
bench-growth: setup ## What is asked all the time, with 10 and 100 times the rows: a million executions and resources; SHORT=1 for a tenth, LONG=1 for ten million
	@$(PYTHON) -m tests.bench.growth $(if $(SHORT),--short) $(if $(LONG),--long)

.PHONY: bench-churn
bench-churn: setup ## An hour of 1,000 minutely tasks in minutes: how the hot tables swell; SHORT=1 for a part of it
	@$(PYTHON) -m tests.bench.churn $(if $(SHORT),--short)

.PHONY: bench-aws
bench-aws: setup .local/peers/custodian/.installed .local/peers/prowler/.installed ## The worker beside bare boto3, Cloud Custodian and Prowler on one account; SHORT=1 for the small ones
	@$(PYTHON) -m tests.bench.listing $(if $(SHORT),--short)

.PHONY: bench-schedule
bench-schedule: setup .local/peers/beats/.installed ## The beat beside a bare prototype and schedulers of Celery: idle with a million tasks, 100,000 due at once, three days away; then bench-latency and bench-worker; SHORT=1 for minutes of it
	@$(PYTHON) -m tests.bench.schedule $(if $(SHORT),--short)

.PHONY: bench-latency
bench-latency: setup ## From slot to start at 50 slots a second, and behind 100,000 of another tenant
	@$(PYTHON) -m tests.bench.latency

.PHONY: bench-worker
bench-worker: setup ## Executions that ask AWS nothing, through a worker process, beside Celery alone
	@$(PYTHON) -m tests.bench.throughput

.PHONY: bench-cost
bench-cost: setup ## What 1,000 executions cost: CPU, database time, bytes; docs/scaling.md is computed from it
	@$(PYTHON) -m tests.bench.cost

.PHONY: e2e
e2e: setup console ## The console in a real Chromium, with real servers, every page judged; ARGS= for playwright
	@$(PYTHON) -m tests.e2e $(ARGS)

.PHONY: console-check
console-check: console ## Types, lint, format, unused code, unit tests and sizes of the console
	@cd frontend && $(NODE) npm run --silent lock
	@cd frontend && $(NODE) npm run --silent budget
	@cd frontend && $(NODE) npm run --silent format
	@cd frontend && { $(NODE) npm run --silent types & types=$$!; \
		$(NODE) npm run --silent lint && wait $$types; }
	@cd frontend && $(NODE) npm run --silent unused
	@cd frontend && $(NODE) npm run --silent test

.PHONY: check
check: setup format lint types imports structure lengths fresh console-check ## Everything that is not a test

.PHONY: format lint types imports structure lengths fresh
format:
	@$(BIN)/ruff format --check $(CODE)
lint:
	@$(BIN)/ruff check $(CODE)
types:
	@$(BIN)/mypy app tests
imports:
	@$(BIN)/lint-imports
structure:
	@$(BIN)/ast-grep scan --config .ast-grep/sgconfig.yml app tests
lengths:
	@find $(CODE) -name '*.py' -exec wc -l {} + | awk '$$2 != "total" && $$1 > 400 \
		{ print $$2 " has " $$1 " lines; 400 is the most: split it by noun"; bad = 1 } \
		END { exit bad }'
fresh:
	@before=$$(cat $(GENERATED) | cksum); $(MAKE) generated; \
	if [[ $$before != $$(cat $(GENERATED) | cksum) ]]; then \
		echo "generated files were stale and are written anew: commit $(GENERATED)"; \
		exit 1; \
	fi

##@ Write what is generated

.PHONY: generated
generated: catalog ## Every generated file
	@$(PYTHON) -m app.core.env_example
	@$(PYTHON) -m app.core.configuration
	@$(PYTHON) -m app.core.log_lines
	@$(PYTHON) -m app.cli.document
	@$(PYTHON) -m app.api.export
	@$(PYTHON) -m app.aws.document_errors
	@$(PYTHON) -m app.aws.catalog.document

.PHONY: catalog
catalog: ## The catalog of AWS services
	@$(PYTHON) -m app.aws.catalog.build

.PHONY: catalog-summary
catalog-summary: ## What the catalog holds, in figures
	@$(PYTHON) -m app.aws.catalog.summary

.PHONY: requirements
requirements: $(UV) ## Pin requirements*.in to versions and hashes; UPGRADE=1 takes newer ones
	@for list in requirements requirements-dev requirements-emulator requirements-checkov \
		requirements-audit requirements-peers-beats requirements-peers-custodian \
		requirements-peers-prowler requirements-peers-template; do \
		$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-header --no-emit-index-url --no-emit-find-links \
			$(if $(UPGRADE),--upgrade) $$list.in --output-file $$list.txt; \
	done

$(UV):
	@python3 -m venv .local/tools
	@.local/tools/bin/pip install --quiet uv
