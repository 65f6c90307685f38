"""An application on uvicorn, by the flags that daphne has for the same."""

import argparse

import uvicorn


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-b", dest="host")
    parser.add_argument("-p", dest="port", type=int)
    parser.add_argument("--verbosity")
    parser.add_argument("application")
    flags = parser.parse_args()
    # Channels has no lifespan; and no peer compresses what it sends to each socket.
    uvicorn.run(
        flags.application,
        host=flags.host,
        port=flags.port,
        log_level="warning",
        lifespan="off",
        ws_per_message_deflate=False,
    )


if __name__ == "__main__":
    main()
