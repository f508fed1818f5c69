exec 3<>"/dev/tcp/$POD_IP/12345" && printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3 && metrics=$(cat <&3)
case $metrics in
  *'health_type="exited"} '[1-9]*) echo "A component of Alloy has exited: see the log of this container."; exit 1 ;;
  *alloy_component_controller_running_components*) exit 0 ;;
esac
echo "Alloy does not answer with its metrics."
exit 1
