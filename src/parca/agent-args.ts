import { CONFIG_DIRECTORY, TOKEN_DIRECTORY } from './agent-paths';
import { AGENT_METRICS_PORT } from './names';
import type { AgentSlice } from './store';
import type { ResolvedFallback } from '../config/resolved-spec';

/** Command-line flags that both generations understand. The kubelet fills in the variables. */
function commonArgs({ store }: AgentSlice): string[] {
  return [
    // The name under which the API server knows the node.
    '--node=$(NODE_NAME)',
    // The pod's address alone: a tunnel of kubectl port-forward dials localhost, where the connection is refused. In brackets, for IPv6.
    `--http-address=[$(POD_IP)]:${AGENT_METRICS_PORT}`,
    `--remote-store-address=${store.host}:${store.port}`,
    `--remote-store-bearer-token-file=${TOKEN_DIRECTORY}/token`,
    // Uploads ignore the scope: the agent would send debug information of every executable on the node.
    '--debuginfo-upload-disable',
    // Both call home: statistics to a public service, standard error to the server's log.
    '--analytics-opt-out',
    '--telemetry-disable-panic-reporting',
  ];
}

/**
 * Flags of the current generation.
 *
 * @see https://github.com/parca-dev/parca-agent/blob/v0.49.0/flags/flags.go
 */
export function currentAgentArgs(spec: AgentSlice): string[] {
  return [
    ...commonArgs(spec),
    `--config-path=${CONFIG_DIRECTORY}/parca-agent.yaml`,
    // One flag for all of them, since the agent cuts its value at semicolons.
    ...(spec.store.headers.length > 0 ? [`--remote-store-grpc-headers=${spec.store.headers.map(header => header.join('=')).join(';')}`] : []),
    // Needs SYS_ADMIN on patched kernels, for programs that hardly any node runs.
    '--instrument-cuda-launch=false',
    // All but cuda, and but go and labels: these copy labels that workloads choose themselves (pprof.Do), after
    // relabelling, so that they could carry customer data and pass for another namespace.
    '--tracers=perl,php,python,hotspot,ruby,v8,dotnet,luajit,beam',
    // Thread names are chosen by workloads; none of the three helps to find a hot function.
    '--metadata-disable-cpu-label',
    '--metadata-disable-thread-id-label',
    '--metadata-disable-thread-comm-label',
    // How long a pod is still profiled after it lost its label; upstream's default is 10 minutes.
    '--profiling-label-ttl=1m',
  ];
}

/**
 * Flags of the generation for kernels below 5.10. It finds the processes of pods through the container runtime.
 *
 * @see https://github.com/parca-dev/parca-agent/blob/v0.30.0/cmd/parca-agent/main.go
 */
export function fallbackAgentArgs(spec: AgentSlice, { containerRuntimeSocket }: ResolvedFallback): string[] {
  return [
    ...commonArgs(spec),
    `--config-path=${CONFIG_DIRECTORY}/parca-agent-fallback.yaml`,
    `--metadata-container-runtime-socket-path=${containerRuntimeSocket}`,
  ];
}
