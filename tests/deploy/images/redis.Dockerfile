# In the place of redis:7, from Debian's package.
FROM debian:bookworm
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/* \
    && install -d -o redis -g redis /data
WORKDIR /data
# As the image of that name has it: what reaches the container is for it to answer.
ENTRYPOINT ["sh", "-c", "exec \"$@\" --protected-mode no --bind '* -::*'", "redis"]
CMD ["redis-server"]
