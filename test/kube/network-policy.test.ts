import { blocks, connection, defaultDeny, defaultDenyOf, egressOf, peerId, pods, policy } from '../../src/kube/network-policy';

describe('A NetworkPolicy', () => {
  it('restricts the directions it has rules for, and leaves the other alone', () => {
    const rule = { from: [pods('a', { b: 'c' })], ports: [{ protocol: 'TCP', port: 1 }] };
    expect(policy('ns', 'name', { x: 'y' }, { ingress: [rule] }).spec)
      .toEqual({ podSelector: { matchLabels: { x: 'y' } }, policyTypes: ['Ingress'], ingress: [rule] });
    expect(policy('ns', 'name', { x: 'y' }, { egress: [] }).spec).toEqual({ podSelector: { matchLabels: { x: 'y' } }, policyTypes: ['Egress'] });
  });

  it('that denies everything selects every pod in both directions, and has no list at all', () => {
    expect(defaultDeny('ns')).toMatchObject({ metadata: { name: 'default-deny', namespace: 'ns' } });
    expect(defaultDeny('ns').spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('that denies everything to some pods selects those, under a name that no other tool takes', () => {
    expect(defaultDenyOf('ns', { app: 'x' })).toMatchObject({ metadata: { name: 'hardened-profiling-default-deny', namespace: 'ns' } });
    expect(defaultDenyOf('ns', { app: 'x' }).spec).toEqual({ podSelector: { matchLabels: { app: 'x' } }, policyTypes: ['Ingress', 'Egress'] });
  });
});

describe('Peers', () => {
  it('are pods of one namespace, by its name that the API server sets', () => {
    expect(pods('shop', { app: 'x' })).toEqual({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } }, podSelector: { matchLabels: { app: 'x' } },
    });
  });

  it('have the same id whatever the order of their labels, and another for other pods', () => {
    const id = (podLabels: Record<string, string>, namespace = 'a') => peerId({ namespace, podLabels });
    expect(id({ x: '1', y: '2' })).toBe(id({ y: '2', x: '1' }));
    expect(id({ x: '1', y: '2' })).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set([id({ x: '1' }), id({ x: '2' }), id({ y: '1' }), id({ x: '1' }, 'b')]).size).toBe(4);
  });
});

describe('Blocks of addresses', () => {
  it('without any are no rule, which would mean every address', () => {
    expect(blocks([], [443])).toEqual([]);
    expect(blocks(['10.0.0.0/8', 'fd00::/8'], [443, 6443])).toEqual([{
      to: [{ ipBlock: { cidr: '10.0.0.0/8' } }, { ipBlock: { cidr: 'fd00::/8' } }], ports: [{ protocol: 'TCP', port: 443 }, { protocol: 'TCP', port: 6443 }],
    }]);
  });
});

describe('A connection from outside', () => {
  const endpoint = { id: 'reader', name: 'parca-reader', namespace: 'profiling', podLabels: { app: 'parca' }, port: 7443 };
  const caller = { namespace: 'grafana', podLabels: { app: 'grafana' }, egressPolicy: true };
  const ports = [{ protocol: 'TCP', port: 7443 }];

  it('is a policy of its own at each end, the second only where egress is denied', () => {
    const id = peerId(caller);
    const made = connection(endpoint, caller);
    expect(Object.keys(made)).toEqual([`reader-${id}`, `reader-egress-${id}`]);
    expect(made[`reader-${id}`]).toMatchObject({
      metadata: { name: `parca-reader-${id}`, namespace: 'profiling' }, spec: { policyTypes: ['Ingress'], ingress: [{ from: [pods('grafana', { app: 'grafana' })], ports }] },
    });
    expect(made[`reader-egress-${id}`]).toMatchObject({
      metadata: { name: `parca-reader-${id}`, namespace: 'grafana' }, spec: { policyTypes: ['Egress'], egress: [{ to: [pods('profiling', { app: 'parca' })], ports }] },
    });
    expect(Object.keys(connection(endpoint, { ...caller, egressPolicy: false }))).toEqual([`reader-${id}`]);
    expect(egressOf(endpoint, { ...caller, egressPolicy: false })).toEqual({});
  });
});
