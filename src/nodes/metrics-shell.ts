/**
 * Functions for the scripts on the nodes: metrics for Prometheus, and a pause that ends when the pod does.
 *
 * BusyBox's web server knows the type of a file by its ending, and Prometheus 3 wants to be told one; so `/metrics` is a folder
 * with an index, to which the server redirects.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const METRICS_SHELL = `
work=\${WORK_DIRECTORY:-/work}
server=
sleeper=

# Serves what was published last, on the pod's address alone.
serve() {
  mkdir -p "$work/www/metrics"
  echo I:index.txt >"$work/httpd.conf"
  case $POD_IP in
    *:*) address="[$POD_IP]:$METRICS_PORT" ;;
    *) address=$POD_IP:$METRICS_PORT ;;
  esac
  busybox httpd -f -p "$address" -h "$work/www" -c "$work/httpd.conf" &
  server=$!
  trap 'kill $server $sleeper 2>/dev/null' EXIT
  trap 'exit 0' TERM INT
}

# Publishes the file metrics.next; a reader sees the old metrics or the new ones.
publish() {
  mv "$work/metrics.next" "$work/www/metrics/index.txt"
}

pause() {
  if ! kill -0 "$server" 2>/dev/null; then
    echo "The metrics server has ended." >&2
    exit 1
  fi
  sleep "$1" &
  sleeper=$!
  wait "$sleeper"
}
`;
