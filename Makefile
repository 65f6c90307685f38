# `make run` and `make test` are all that one needs to know. The work is done in bin/.

.PHONY: run chat demo cluster test faults bench bench-quick check format pins messages

run: ## Everything from nothing to a site on http://127.0.0.1:8000. PORT and CHATSITE_DATA move it.
	@exec bin/run

chat: ## Talk on that site from a terminal, with an account called NAME. ARGS="rooms" go to `chatsite`: docs/terminal.md.
	@NAME="$(NAME)" exec bin/chat $(ARGS)

demo: ## A site to try out, in a folder of its own, where people have talked and go on talking.
	@exec bin/demo

cluster: ## PostgreSQL, Redis, two daphne processes and nginx, on free ports, until Ctrl-C.
	@exec bin/cluster

test: ## Every test. ARGS="-k name" go to pytest.
	@exec bin/test $(ARGS)

faults: ## Everything that can go wrong, one by one and mixed; a table of what it cost. ARGS="redis" chooses. Minutes.
	@exec bin/faults $(ARGS)

bench: ## What the site carries, beside other chats: forty minutes. ARGS="fan-out-500 --rounds 1" chooses.
	@exec bin/bench $(ARGS)

bench-quick: ## Whether the site is still as light as it was, by ratios and counts. Two minutes.
	@exec bin/bench-quick

check: ## Style, types, imports, migrations and pins.
	@exec bin/check

format: ## Mend the style.
	@exec bin/format

pins: ## Compile requirements*.in anew. ARGS=--upgrade takes newer versions.
	@exec bin/pins $(ARGS)

messages: ## Gather the sentences for people, say which lack a translation, and compile.
	@exec bin/messages
