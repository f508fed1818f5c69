/** The port the gateway serves TLS on, in the pod and on the Service. */
export const GATEWAY_PORT = 7443;

/** The port of the probes, in the pod alone. */
export const PROBE_PORT = 7444;

/**
 * Requests that one role may make. Everything that is not listed is refused.
 *
 * Paths are matched exactly and patterns are anchored: Parca's grpc-web handler looks at the last two segments of a
 * path alone, so whatever a prefix lets through reaches every method of every service.
 *
 * @see https://github.com/improbable-eng/grpc-web/blob/v0.15.0/go/grpcweb/helpers.go
 */
export interface Route {
  /** Role that a token needs. */
  readonly role: string;
  readonly methods: ReadonlyArray<'GET' | 'HEAD' | 'POST'>;
  readonly paths?: readonly string[];
  /** Regular expressions for the few paths that have a variable part; each must be anchored at both ends. */
  readonly patterns?: readonly string[];
  /** Name of the backend that answers; by default the first. */
  readonly backend?: string;
  /** Whether it must be native gRPC without compression, so that its size and content can be judged. */
  readonly isPlainGrpc?: boolean;
  /** Whether each body begins with a gRPC message. */
  readonly isGrpc?: boolean;
  /** An action of a Lua script that reads the whole of a small body, and sets `txn.refused` to a status that refuses it. */
  readonly check?: string;
}

/** Limits of one credential of a role. A request beyond them is refused with 413, or with 429. */
export interface RoleLimits {
  /** The largest body of a request, as its length or its first gRPC message tells. */
  readonly bodyBytes: number;
  /** Requests that may be with a backend at the same time. */
  readonly requests: number;
  /** @default - unlimited */
  readonly perMinute?: { readonly bytes: number; readonly requests: number };
  /** Only through a backend that is bounded, which also counts bodies that tell nothing. @default - unlimited */
  readonly bytesPerDay?: number;
}

/** Limits of every role that a gateway knows. */
export type Limits = Readonly<Record<string, RoleLimits>>;

/** The backend that serves the metrics of the gateway itself. */
export const METRICS_BACKEND = 'gateway-metrics';

/** The metrics of the gateway itself, such as how many requests had no valid token. */
export const METRICS_ROUTE: Route = { role: 'metrics', methods: ['GET'], paths: ['/gateway/metrics'], backend: METRICS_BACKEND };
