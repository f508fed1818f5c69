import { capacity } from '../../src/gateway/capacity';

describe('Capacity of a gateway', () => {
  it('follows from the number of clients', () => {
    expect(capacity(1000)).toMatchObject({ clientConnections: 1314, unauthenticatedConnections: 1536, requests: 256, cpuMillis: 50 });
    expect(capacity(10_000)).toMatchObject({ clientConnections: 12_564, unauthenticatedConnections: 1536, requests: 2500, cpuMillis: 250 });
  });

  it('grows with it, and asks for no more than its limit', () => {
    const sizes = [100, 500, 1000, 2500, 5000, 10_000].map(capacity);
    sizes.forEach(({ memory }, index) => {
      expect(memory.requestBytes).toBeLessThan(memory.limitBytes);
      if (index > 0) { expect(memory.limitBytes).toBeGreaterThan(sizes[index - 1].memory.limitBytes); }
    });
  });

  it('has room for everybody at once: clients, unauthenticated callers and requests on their way', () => {
    const { clientConnections, unauthenticatedConnections, requests, memory } = capacity(1000);
    expect(memory.limitBytes).toBeGreaterThan((clientConnections + unauthenticatedConnections) * 40 * 1024 + requests * 384 * 1024);
  });
});
