import type { PodSpec } from 'kubernetes-types/core/v1';
import { withDefaults } from '../../../src/admission/policies/restrict-agent-namespace/pod-defaults';

const stored = (spec: Partial<PodSpec>): PodSpec => withDefaults({ containers: [{ name: 'a' }], ...spec });
const storedContainer = (container: object) => stored({ containers: [{ name: 'a', ...container }] }).containers[0];
const storedVolume = (volume: object) => stored({ volumes: [{ name: 'v', ...volume }] }).volumes![0];

// What API server 1.34 makes of the same; the suite admission of the end-to-end tests compares it with whole pods.
describe('A pod as the API server stores it', () => {
  it('has what is left out', () => {
    expect(stored({ serviceAccountName: 'x' })).toEqual({
      containers: [{ name: 'a', imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' }],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      serviceAccount: 'x',
      serviceAccountName: 'x',
      terminationGracePeriodSeconds: 30,
    });
  });

  it('keeps what is said', () => {
    const said = { dnsPolicy: 'Default', enableServiceLinks: false, restartPolicy: 'Never', schedulerName: 's', terminationGracePeriodSeconds: 5, securityContext: { fsGroup: 1 } };
    expect(stored(said)).toMatchObject(said);
    expect(storedContainer({ imagePullPolicy: 'Always', terminationMessagePolicy: 'FallbackToLogsOnError' }))
      .toMatchObject({ imagePullPolicy: 'Always', terminationMessagePolicy: 'FallbackToLogsOnError' });
  });

  it.each(['hostPID', 'hostNetwork', 'hostIPC'])('does not say that it is not %s', field => {
    expect(stored({ [field]: false })).not.toHaveProperty(field);
    expect(stored({ [field]: true })).toHaveProperty(field, true);
  });

  it('has probes and handlers that are complete', () => {
    const probe = { httpGet: { port: 'metrics' } };
    const complete = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, httpGet: { port: 'metrics', path: '/', scheme: 'HTTP' } };
    expect(storedContainer({ livenessProbe: probe, readinessProbe: probe, startupProbe: { ...probe, initialDelaySeconds: 0 } }))
      .toMatchObject({ livenessProbe: complete, readinessProbe: complete });
    expect(storedContainer({ startupProbe: { ...probe, initialDelaySeconds: 0 } }).startupProbe).toEqual(complete);
    expect(storedContainer({ livenessProbe: { grpc: { port: 1 } } }).livenessProbe!.grpc).toEqual({ port: 1, service: '' });
    expect(storedContainer({ lifecycle: { preStop: { httpGet: { port: 1 } } } }).lifecycle).toEqual({ preStop: { httpGet: { port: 1, path: '/', scheme: 'HTTP' } } });
  });

  it('has ports, variables and mounts in their short form', () => {
    expect(storedContainer({ ports: [{ containerPort: 1 }] }).ports).toEqual([{ containerPort: 1, protocol: 'TCP' }]);
    expect(storedContainer({ env: [{ name: 'A', value: '' }] }).env).toEqual([{ name: 'A' }]);
    expect(storedContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'f' } } }] }).env)
      .toEqual([{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'f' } } }]);
    expect(storedContainer({ env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } }] }).env)
      .toEqual([{ name: 'A', valueFrom: { resourceFieldRef: { divisor: '0', resource: 'limits.memory' } } }]);
    expect(storedContainer({ volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: false }] }).volumeMounts).toEqual([{ name: 'v', mountPath: '/v' }]);
  });

  it('has volumes with modes and types', () => {
    expect(storedVolume({ configMap: { name: 'c' } }).configMap).toEqual({ name: 'c', defaultMode: 420 });
    expect(storedVolume({ secret: { secretName: 's', defaultMode: 256 } }).secret).toEqual({ secretName: 's', defaultMode: 256 });
    expect(storedVolume({ hostPath: { path: '/p' } }).hostPath).toEqual({ path: '/p', type: '' });
    expect(storedVolume({ emptyDir: { sizeLimit: '1024Mi' } }).emptyDir).toEqual({ sizeLimit: '1Gi' });
    expect(storedVolume({ downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'f' } }] } }).downwardAPI)
      .toEqual({ defaultMode: 420, items: [{ path: 'a', fieldRef: { apiVersion: 'v1', fieldPath: 'f' } }] });
    expect(storedVolume({ projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'c' } }] } }).projected)
      .toEqual({ defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3600, path: 'token' } }, { configMap: { name: 'c' } }] });
  });
});
