/** What a gateway is sized for. */
export interface Capacity {
  /** Connections of callers that have shown a token. */
  readonly clientConnections: number;
  /** Connections that the others may have open at the same time. */
  readonly unauthenticatedConnections: number;
  /** Requests that are with a backend at the same time; each backend has so many. */
  readonly requests: number;
  /** What the container may use, and what it uses when all clients are there and nobody does any harm. */
  readonly memory: { readonly limitBytes: number; readonly requestBytes: number };
  /** What the container asks for. */
  readonly cpuMillis: number;
}

/** Bounds on callers that have not shown a valid token. */
export const UNAUTHENTICATED = {
  /** Over so many seconds connections are counted that did not show one. None of them lives longer than half as long again. */
  seconds: 30,
  /** From one address that nobody has shown a valid token from. */
  perAddress: 16,
  /** From all together; such addresses are then refused, and of the others, such as that of a NAT, those with more than their share. */
  total: 1024,
  perKnownAddress: 256,
  /** From all together; such an address may then have few, so that the agent of a new node still finds a place. */
  busy: 512,
  perAddressWhenBusy: 2,
  /** Requests that wait for the end of their body, so that the client sees the refusal and not a reset. */
  waiting: 64,
  /** Requests without a valid token from one address in the same time. More are refused with 429, at once and without a line in the log. */
  refusals: 20,
} as const;

/** Streams that one connection of HTTP/2 may have open. */
export const STREAMS_PER_CONNECTION = 20;

/** Enough for the handshakes of 10,000 clients. By default there are as many as the node has CPUs, and memory grows with them. */
export const THREADS = 2;

/** Connections to the probes, from the kubelet. */
export const PROBE_CONNECTIONS = 16;

/**
 * Memory of HAProxy 3.2, as it was measured: with nobody connected, for each thread, for each connection with TLS and HTTP/2,
 * and for a request whose body and answer are on their way. `npm run e2e -- --only flood` holds the sum against a real flood.
 */
const BYTES = { base: 40 * 2 ** 20, thread: 6 * 2 ** 20, connection: 40 * 2 ** 10, request: 72 * 2 ** 10 } as const;

/**
 * Slots, memory and CPU of a gateway for so many clients.
 *
 * limit = base + threads + (clients + unauthenticated) × connection + requests × request
 */
export function capacity(clients: number): Capacity {
  // A quarter more than there are clients: while agents are replaced, the old and the new ones are connected.
  const clientConnections = Math.ceil(clients * 1.25) + 64;
  const unauthenticatedConnections = UNAUTHENTICATED.total * 1.5;
  const requests = Math.max(256, Math.ceil(clients / 2));
  const idle = BYTES.base + THREADS * BYTES.thread + clientConnections * BYTES.connection;
  return {
    clientConnections,
    unauthenticatedConnections,
    requests,
    memory: {
      limitBytes: idle + unauthenticatedConnections * BYTES.connection + requests * BYTES.request,
      requestBytes: idle,
    },
    // A push costs it a fifth of a millisecond, and each agent makes one in ten seconds.
    cpuMillis: Math.max(50, Math.ceil(clients / 40)),
  };
}
