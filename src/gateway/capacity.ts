/** Connections that a gateway is sized for, and the resources that follow from them. */
export interface Capacity {
  /** Connections of callers that have shown a token. */
  readonly clientConnections: number;
  /** Connections that the others may have open at the same time. */
  readonly unauthenticatedConnections: number;
  /** Requests that are with the backends at the same time. */
  readonly requests: number;
  /** Memory limit of the container, and its request: what it uses when all clients are connected and none attacks. */
  readonly memory: { readonly limitBytes: number; readonly requestBytes: number };
  /** CPU request of the container. */
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

/**
 * Streams that one connection of HTTP/2 may have open. HAProxy from 3.1 on gives as many buffers to a connection, be it for one stream.
 *
 * @see https://docs.haproxy.org/3.2/configuration.html#3.2-tune.h2.fe.rxbuf
 */
export const STREAMS = { ofClient: 8, toBackend: 2 } as const;

/** Enough for the handshakes of 10,000 clients. By default there are as many as the node has CPUs, and memory grows with them. */
export const THREADS = 2;

/** Connections to the probes, from the kubelet. */
export const PROBE_CONNECTIONS = 16;

/**
 * Memory of HAProxy 3.2, as it was measured: with nobody connected, for each thread, for each connection with TLS and HTTP/2,
 * and for a request of which neither side reads on, so that all buffers of its two connections are full.
 * `npm run e2e -- --only flood` holds the sum against real floods, and against as many such requests as there may be.
 */
export const MEMORY = { base: 40 * 2 ** 20, thread: 6 * 2 ** 20, connection: 40 * 2 ** 10, request: 384 * 2 ** 10 } as const;

/**
 * Slots, memory and CPU of a gateway for so many clients.
 *
 * limit = base + threads + (clients + unauthenticated) × connection + requests × request
 */
export function capacity(clients: number): Capacity {
  // A quarter more than there are clients: while agents are replaced, the old and the new ones are connected.
  const clientConnections = Math.ceil(clients * 1.25) + 64;
  const unauthenticatedConnections = UNAUTHENTICATED.total * 1.5;
  // Each client has one open now and then; a quarter of them at once is a server that does not keep up.
  const requests = Math.max(256, Math.ceil(clients / 4));
  const idle = MEMORY.base + THREADS * MEMORY.thread + clientConnections * MEMORY.connection;
  return {
    clientConnections,
    unauthenticatedConnections,
    requests,
    memory: {
      limitBytes: idle + unauthenticatedConnections * MEMORY.connection + requests * MEMORY.request,
      requestBytes: idle,
    },
    // A push costs it a fifth of a millisecond, and each agent makes one in ten seconds.
    cpuMillis: Math.max(50, Math.ceil(clients / 40)),
  };
}
