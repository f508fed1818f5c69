/** What a token entitles to. */
export type GatewayRole = 'metrics' | 'push' | 'read' | 'symbols';

/** Every role, sorted. */
export const GATEWAY_ROLES: readonly GatewayRole[] = ['metrics', 'push', 'read', 'symbols'];

/** The port the gateway serves TLS on, in the pod and on the Service. */
export const GATEWAY_PORT = 7443;

/**
 * Requests that one role may make. Everything that is not listed is refused.
 *
 * Paths are matched exactly and patterns are anchored: Parca's grpc-web handler looks at the last two segments of a
 * path alone, so whatever a prefix lets through reaches every method of every service.
 *
 * @see https://github.com/improbable-eng/grpc-web/blob/v0.15.0/go/grpcweb/helpers.go
 */
export interface Route {
  readonly role: GatewayRole;
  readonly methods: ReadonlyArray<'GET' | 'HEAD' | 'POST'>;
  readonly paths?: readonly string[];
  /** Regular expressions for the few paths that have a variable part; each must be anchored at both ends. */
  readonly patterns?: readonly string[];
  /** Name of the backend that answers; by default the first. */
  readonly backend?: string;
}
