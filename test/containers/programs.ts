import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is known of a program that an emitted container runs, from the program itself or from its source. */
export interface Program {
  /** Every flag it has. */
  readonly flags: readonly string[];
  /** Variables of the environment that it reads itself, and those that its runtime reads. */
  readonly environment?: readonly string[];
  /** Paths of its image that manifests name. */
  readonly paths?: readonly string[];
  /** Where it answers requests of probes. */
  readonly endpoints?: readonly string[];
}

/** Every flag of a file in test/fixtures, whose first line says where it was taken from. */
export function flagsOf(program: string): string[] {
  return readFileSync(join(__dirname, '..', 'fixtures', `${program}.flags`), 'utf8').split('\n').filter(line => line.startsWith('-'));
}

/**
 * What Go's runtime and its certificate store read, in every program written in Go.
 *
 * @see https://pkg.go.dev/runtime#hdr-Environment_Variables
 * @see https://pkg.go.dev/crypto/x509#SystemCertPool
 */
const GO_ENVIRONMENT = ['GOMEMLIMIT', 'SSL_CERT_DIR', 'SSL_CERT_FILE'];

/** Programs by the names of the containers they run in. */
export const PROGRAMS = {
  'parca': {
    flags: flagsOf('parca-v0.28.0'),
    environment: GO_ENVIRONMENT,
    paths: ['/parca', '/grpc_health_probe'],
  },
  'parca-agent': {
    flags: flagsOf('parca-agent-v0.49.0'),
    environment: GO_ENVIRONMENT,
    endpoints: ['/metrics'],
  },
  'parca-agent of the previous generation': {
    flags: flagsOf('parca-agent-fallback'),
    environment: GO_ENVIRONMENT,
    paths: ['/bin/parca-agent'],
    endpoints: ['/metrics'],
  },
  'alloy': {
    flags: flagsOf('alloy-run-v1.18.1'),
    // Ubuntu, see its Dockerfile.
    paths: ['/bin/bash'],
    // sys.env in its configuration.
    environment: [...GO_ENVIRONMENT, 'HOSTNAME'],
    endpoints: ['/-/ready', '/-/healthy', '/metrics'],
  },
  'pyroscope': {
    flags: flagsOf('pyroscope-v2.2.1'),
    environment: GO_ENVIRONMENT,
    paths: ['/usr/bin/profilecli'],
    endpoints: ['/ready', '/metrics'],
  },
  // Its usage text, which the end-to-end tests compare with the program; the endpoints are in the emitted configuration.
  'gateway': { flags: ['-W', '-db', '-f'], paths: ['sleep'], endpoints: ['/proxy-healthz', '/proxy-readyz'] },
  'preflight': { flags: [], paths: ['/bin/sh'] },
  'node-settings': { flags: [], paths: ['/bin/sh'] },
  'ebpf-inventory': { flags: [], paths: ['/bin/sh'] },
  'metrics': { flags: ['-f', '-p', '-h', '-c'], endpoints: ['/metrics/'] },
} as const satisfies Record<string, Program>;

/** Flags of programs that probes start. */
export const PROBE_FLAGS: Readonly<Record<string, readonly string[]>> = {
  '/grpc_health_probe': ['-addr', '-connect-timeout', '-rpc-timeout'],
  '/usr/bin/profilecli': ['--url'],
  '/bin/bash': ['-c'],
};

export type ProgramName = keyof typeof PROGRAMS;

/** The program that a container runs. */
export function programOf(container: { readonly name: string; readonly args?: readonly string[] }): ProgramName {
  // Only that generation looks for pods at the runtime's socket.
  const isPrevious = container.name === 'parca-agent' && container.args?.some(arg => arg.startsWith('--metadata-container-runtime-socket-path'));
  const name = isPrevious ? 'parca-agent of the previous generation' : container.name;
  if (!Object.hasOwn(PROGRAMS, name)) { throw new Error(`no list says what the program of container ${name} has`); }
  return name as ProgramName;
}
