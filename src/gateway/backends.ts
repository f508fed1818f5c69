import { METRICS_BACKEND } from './routes';

export interface Backend {
  readonly name: string;
  /** Host and port; an address that is reachable from inside the pod alone, or a name that DNS answers with every replica. */
  readonly address: string;
  /** Whether the address is such a name. */
  readonly isReplicated?: boolean;
  /** Spoken to the backend; by default HTTP/2 without TLS, and to replicas HTTP/1.1 but for gRPC. */
  readonly protocol?: 'h1' | 'h2';
  /** Readiness check: answers 200 when the backend is ready; by default it is ready when it accepts connections. */
  readonly ready?: { readonly path: string; readonly port: number };
  /** Another backend with the same server, which alone is checked: both are there at the same moment. */
  readonly sameServerAs?: string;
  /** Whether the limits of a role are counted in bodies while they pass. Large bodies then take longer. */
  readonly isBounded?: boolean;
}

/** Replicas of a backend that are used; more are left alone. */
const MOST_REPLICAS = 16;

/**
 * The sections of a backend. Replicas have two: HAProxy from 2.9 on takes a connection of HTTP/2 without TLS for made before it
 * is, so that one which is refused is an error (502) and is not tried at another replica. gRPC has to live with that.
 *
 * @see https://github.com/haproxy/haproxy/issues/2751
 */
export function backendSections(backend: Backend): string[] {
  return backend.isReplicated
    ? [backendSection({ protocol: 'h1', ...backend }), backendSection({ ...backend, name: grpcName(backend) })]
    : [backendSection(backend)];
}

/** Name of the backend for gRPC, which needs HTTP/2. */
export function grpcName({ name }: Backend): string {
  return `${name}-grpc`;
}

/** The names of the sections of a backend. */
export function sectionNames(backend: Backend): string[] {
  return backend.isReplicated ? [backend.name, grpcName(backend)] : [backend.name];
}

function backendSection({ name, address, isReplicated, protocol, ready, sameServerAs, isBounded }: Backend): string {
  const server = isReplicated
    ? `server-template ${name}- 1-${MOST_REPLICAS} ${address} resolvers cluster resolve-prefer ipv4 init-addr none`
    : `server ${name} ${address}${sameServerAs ? ` no-check track ${sameServerAs}/${sameServerAs}` : ''}`;
  return section(`backend ${name}`, [
    ...(isBounded ? ['filter lua.bounded'] : []),
    ...(ready ? ['option httpchk', `http-check send meth GET uri ${ready.path}`, 'http-check expect status 200'] : []),
    ...(isReplicated ? REPLICAS : []),
    `${server}${protocol ? ` proto ${protocol}` : ''}${ready ? ` check-proto h1 port ${ready.port}` : ''}${isReplicated ? ' on-marked-down shutdown-sessions' : ''}`,
  ]);
}

/**
 * A connection that a replica refuses, or does not answer, is tried at another one: nothing has been sent, so that a push
 * cannot arrive twice. So each request has a connection of its own: on one that is kept, the replica may be closing it at that moment,
 * and HAProxy cannot know whether the request has arrived. A replica that hangs fails its checks, and with it the requests that wait for it.
 *
 * @see https://docs.haproxy.org/3.2/configuration.html#4.2-option%20redispatch
 * @see https://docs.haproxy.org/3.2/configuration.html#5.2-on-marked-down
 */
const REPLICAS = ['option http-server-close', 'option redispatch 1', 'retries 3', 'retry-on conn-failure', 'timeout connect 2s', 'timeout check 2s'];

/** The metrics of HAProxy itself. */
export function metricsSection(): string {
  return section(`backend ${METRICS_BACKEND}`, ['http-request use-service prometheus-exporter']);
}

/** The resolvers section: the DNS servers that replicas are looked up at. */
export function resolversSection(): string {
  return section('resolvers cluster', ['parse-resolv-conf', 'accepted_payload_size 8192', 'hold valid 5s']);
}

/** Lines under a heading. */
export function section(heading: string, lines: readonly string[]): string {
  return [heading, ...lines.map(line => line === '' || line.startsWith('.') ? line : `    ${line}`), ''].join('\n');
}
