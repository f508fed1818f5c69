/**
 * Functions for the scripts on the nodes: metrics for Prometheus, and a pause that ends when the pod does.
 *
 * A container beside theirs serves what they publish, so that whoever reads requests has no capability.
 */
export const METRICS_SHELL = `
www=\${WWW_DIRECTORY:-/www}
sleeper=
trap 'kill $sleeper 2>/dev/null' EXIT
trap 'exit 0' TERM INT

# Publishes what was written into the file metrics.next; a reader sees the old metrics or the new ones.
publish() {
  mkdir -p "$www/metrics" && mv "$work/metrics.next" "$www/metrics/index.txt"
}

pause() {
  sleep "$1" &
  sleeper=$!
  wait "$sleeper"
}
`;

/**
 * Configures BusyBox's web server. It knows the type of a file by its ending, and Prometheus 3 wants to be told one; so `/metrics` is
 * a folder with an index, to which the server redirects.
 *
 * @see https://prometheus.io/docs/instrumenting/content_negotiation/
 */
export const HTTPD_CONF = 'I:index.txt\n';
