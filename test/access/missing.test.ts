import { accessMissing, accessNotes } from '../../src/access/missing';
import { contributionsTo } from '../../src/components';
import { inNamespaces, pyroscope } from '../config/errors';
import { resolved } from '../support';

type Sections = Parameters<typeof resolved>[0];

const OTHERS = { namespaces: { create: false } };
const missingOf = (sections: Sections) => accessMissing(resolved(sections), contributionsTo(resolved(sections)));
const notesOf = (sections: Sections) => accessNotes(resolved(sections), contributionsTo(resolved(sections)));

describe('Namespaces that others own', () => {
  it('are labelled by their owners: agents do not start below `privileged`, and of servers it is only warned', () => {
    expect(missingOf({ ...OTHERS, cluster: { name: 'dev', kubernetesVersion: '1.31' }, ...inNamespaces('obs', 'obs-agents') })).toEqual([
      {
        what: 'Pod Security labels of namespace obs, by its owners: our pods fit `restricted`; to enforce it would stop others that do not',
        command: 'kubectl label namespace obs --overwrite pod-security.kubernetes.io/audit=restricted pod-security.kubernetes.io/audit-version=v1.31 '
          + 'pod-security.kubernetes.io/warn=restricted pod-security.kubernetes.io/warn-version=v1.31',
      },
      {
        what: 'Pod Security labels of namespace obs-agents, by its owners: without them the profilers do not start',
        command: 'kubectl label namespace obs-agents --overwrite pod-security.kubernetes.io/enforce=privileged pod-security.kubernetes.io/enforce-version=v1.31 '
          + 'pod-security.kubernetes.io/audit=privileged pod-security.kubernetes.io/audit-version=v1.31 '
          + 'pod-security.kubernetes.io/warn=privileged pod-security.kubernetes.io/warn-version=v1.31',
      },
    ]);
  });

  it('are each named once, however many profilers are there', () => {
    const sections = { ...OTHERS, ...pyroscope(), nodes: { perfEventParanoid: {} } };
    expect(missingOf(sections).map(({ what }) => /namespace (\S+),/.exec(what)?.[1])).toEqual(['profiling', 'profiling-agents', 'pyroscope']);
  });

  it('are told apart in a note', () => {
    expect(notesOf({ ...OTHERS, ...pyroscope() })).toEqual([
      'namespaces.create is false: NetworkPolicies select the pods of this deployment alone, '
      + 'and other pods of profiling, profiling-agents, pyroscope keep their traffic. Nothing in these namespaces is profiled.',
    ]);
  });

  it('are nothing to do where they are made here', () => {
    expect([...missingOf({}), ...notesOf({})]).toEqual([]);
    expect([...missingOf({ namespaces: { create: true } }), ...notesOf({ namespaces: { create: true } })]).toEqual([]);
  });
});

describe('Secrets with which images are pulled', () => {
  const images = { pinning: 'tagsAllowed', pullSecrets: ['mirror', 'backup'] };

  it('are asked for in every namespace of the deployment', () => {
    expect(missingOf({ images }).map(({ what }) => what)).toEqual([
      'pull Secret backup in profiling', 'pull Secret backup in profiling-agents', 'pull Secret mirror in profiling', 'pull Secret mirror in profiling-agents',
    ]);
    expect(missingOf({ images })[0].command).toBe('kubectl create secret docker-registry backup -n profiling --from-file=.dockerconfigjson=config.json');
  });

  it('are asked for beside the labels of namespaces that others own', () => {
    expect(missingOf({ images, ...OTHERS })).toHaveLength(2 + 4);
  });
});
