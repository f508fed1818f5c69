import type { Manifest } from '../../../src/kube/manifest';
import { resolved } from '../../support';
import { EVERYTHING, manifestsOf, policiesOf } from '../policies';

interface Rule {
  readonly name: string;
  readonly match: { readonly any: ReadonlyArray<{ readonly resources: Readonly<Record<string, readonly string[]>> }> };
  readonly exclude?: unknown;
  readonly celPreconditions?: unknown;
  readonly validate: { readonly failureAction: string; readonly cel: { readonly variables?: unknown; readonly expressions: unknown } };
}
interface ClusterPolicy extends Manifest {
  readonly spec: {
    readonly background: boolean;
    readonly emitWarning: boolean;
    readonly webhookConfiguration: unknown;
    readonly rules: readonly Rule[];
  };
}

describe('ClusterPolicy of Kyverno', () => {
  const all = manifestsOf('kyvernoClusterPolicy') as ClusterPolicy[];
  const named = (name: string): ClusterPolicy => all.find(({ metadata }) => metadata.name === `profiling-agents-${name}`)!;

  it('is one object with one rule for each policy', () => {
    expect(all.map(({ kind, spec }) => [kind, spec.rules.length])).toEqual(manifestsOf('kyverno').map(() => ['ClusterPolicy', 1]));
  });

  it('has the texts of the policy, unchanged', () => {
    const spec = resolved({ ...EVERYTHING, admission: { ...EVERYTHING.admission, engine: 'kyvernoClusterPolicy' } });
    policiesOf(spec).forEach(({ name, conditions, variables, validations }) => {
      const [rule] = named(name).spec.rules;
      expect(rule.celPreconditions ?? []).toEqual(conditions);
      expect(rule.validate.cel).toEqual({ ...(variables.length > 0 && { variables }), expressions: validations });
    });
  });

  it.each([['warns', 'audit', 'Audit', true], ['refuses', 'enforce', 'Enforce', false]])('%s with %s', (_, action, failureAction, emitWarning) => {
    (manifestsOf('kyvernoClusterPolicy', EVERYTHING, { action }) as ClusterPolicy[]).forEach(({ spec }) => {
      expect([spec.rules[0].validate.failureAction, spec.emitWarning]).toEqual([failureAction, emitWarning]);
    });
  });

  it('fails closed, and is not rewritten for kinds that it names already', () => {
    all.forEach(({ metadata, spec }) => {
      expect(spec.webhookConfiguration).toEqual({ failurePolicy: 'Fail', timeoutSeconds: 10 });
      expect(metadata.annotations!['pod-policies.kyverno.io/autogen-controllers']).toBe('none');
    });
  });

  it('names kinds, and subresources only where it does not scan what is there', () => {
    const { match, exclude } = named('restrict-privileges').spec.rules[0];
    expect(match.any.flatMap(({ resources }) => resources.kinds)).toEqual([
      'v1/Pod', 'v1/ReplicationController', 'apps/v1/DaemonSet', 'apps/v1/Deployment', 'apps/v1/ReplicaSet', 'apps/v1/StatefulSet',
      'batch/v1/CronJob', 'batch/v1/Job',
    ]);
    expect(exclude).toEqual({ any: [{ resources: { namespaces: ['kube-node-lease', 'kube-public', 'kube-system', 'profiling-agents'] } }] });
    expect(named('restrict-exec').spec.rules[0].match.any.map(({ resources }) => resources.kinds)).toEqual([
      ['Pod/attach', 'Pod/exec', 'Pod/proxy', 'Service/proxy'], ['Pod/ephemeralcontainers'],
    ]);
    ['restrict-exec', 'protect-pod-security-labels', 'restrict-port-forward'].forEach(name => expect(named(name).spec.background).toBe(false));
  });
});
