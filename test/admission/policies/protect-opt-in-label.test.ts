import { inNamespaces } from '../../config/errors';
import type { Metadata } from '../../e2e/suites/admission-cases/rows';
import { controller, create, KINDS, pod, update, withMetadata } from '../../e2e/suites/admission-cases/rows';
import { refusals } from '../evaluator';
import type { Sections } from '../policies';
import { policyOf, SYSTEM_NAMESPACES } from '../policies';

const policy = (sections: Sections = {}) => policyOf('protect-opt-in-label', sections);
const SENSITIVE: Sections = { scope: { sensitiveNamespaces: ['payments'] }, admission: {} };
const optingInBy = (key: string, value: string): Sections => ({ ...SENSITIVE, scope: { ...SENSITIVE.scope as object, optInLabel: { key, value } } });

const ofPod = (metadata: Metadata, sections = SENSITIVE) => refusals(sections, create('', pod('payments', {}, metadata)));
const labelled = (key: string, value: string, sections = SENSITIVE) => ofPod({ labels: { [key]: value } }, sections);
const WHAT_TO_DO = ': this namespace is sensitive and never profiled. Remove it, or set it to disabled, false, off.';
const REFUSED = [`protect-opt-in-label: the label profiling may not switch profiling on${WHAT_TO_DO}`];

describe('The opt-in label', () => {
  it('is watched in sensitive namespaces, without those of Kubernetes', () => {
    const scope = { sensitiveNamespaces: ['payments', 'auth', ...SYSTEM_NAMESPACES] };
    expect(policy({ scope }).namespaces).toEqual({ only: ['auth', 'payments', 'profiling', 'profiling-agents'] });
  });

  it.each([{}, { scope: {} }, { scope: { sensitiveNamespaces: [] } }])('is watched in our own namespaces, whatever the list: %j', sections => {
    expect(policy(sections).namespaces).toEqual({ only: ['profiling', 'profiling-agents'] });
    expect(policy({ ...sections, ...inNamespaces('obs', 'eyes') }).namespaces).toEqual({ only: ['eyes', 'obs'] });
  });

  it('is the one of the document', () => {
    const sections = optingInBy('example.com/profile', 'yes');
    expect(labelled('example.com/profile', 'yes', sections)).toEqual([expect.stringContaining('the label example.com/profile may not switch profiling on')]);
    expect(labelled('profiling', 'enabled', sections)).toEqual([]);
  });

  it('may be missing or say no, and nothing else', () => {
    expect([ofPod({}), ofPod({ labels: {} }), labelled('tier', 'enabled'), ...['disabled', 'false', 'off'].map(value => labelled('profiling', value))].flat()).toEqual([]);
    ['enabled', '', 'Disabled', 'on'].forEach(value => expect(labelled('profiling', value)).toEqual(REFUSED));
  });

  it('is not said to be off by the value that switches it on', () => {
    const sections = optingInBy('no-profiling', 'false');
    expect(labelled('no-profiling', 'off', sections)).toEqual([]);
    expect(labelled('no-profiling', 'false', sections)).toEqual([expect.stringContaining('the label no-profiling may not')]);
  });

  it('has a sibling in annotations that other collectors read', () => {
    const annotated = (key: string, value: string) => ofPod({ annotations: { [key]: value } });
    ['cpu', 'memory', 'whatever'].forEach(kind => {
      expect(annotated(`profiles.grafana.com/${kind}.scrape`, 'true')).toEqual([`protect-opt-in-label: annotations profiles.grafana.com/*.scrape may not ask for profiles${WHAT_TO_DO}`]);
      expect(annotated(`profiles.grafana.com/${kind}.scrape`, 'false')).toEqual([]);
    });
    expect([...annotated('profiles.grafana.com/cpu.port', '6060'), ...annotated('example.com/cpu.scrape', 'true')]).toEqual([]);
  });

  it.each(KINDS)('is judged on the template of a %s as well', kind => {
    expect(refusals(SENSITIVE, create('', controller(kind, 'payments', {}, { labels: { profiling: 'enabled' } }))))
      .toEqual([`protect-opt-in-label: the label profiling of the pod template may not switch profiling on${WHAT_TO_DO}`]);
    expect(refusals(SENSITIVE, create('', controller(kind, 'payments', {}, { annotations: { 'profiles.grafana.com/cpu.scrape': 'true' } })))).toHaveLength(1);
    expect(refusals(SENSITIVE, create('', controller(kind, 'payments')))).toEqual([]);
  });

  it.each(['Pod', ...KINDS])('is judged where it is new: %s', kind => {
    const metadata = { labels: { profiling: 'enabled' } };
    const old = kind === 'Pod' ? pod('payments', {}, metadata) : controller(kind as 'Job', 'payments', {}, metadata, metadata);
    const add = (more: object) => (object: typeof old) => withMetadata({ labels: { ...object.metadata.labels, ...more } })(object);
    expect(refusals(SENSITIVE, update('', old, withMetadata({ finalizers: [] })))).toEqual([]);
    expect(refusals(SENSITIVE, update('', old, add({ more: 'x' })))).toEqual(REFUSED);
    expect(refusals(SENSITIVE, update('', old, add({ profiling: 'off' })))).toEqual([]);
  });

  it('is judged whoever asks', () => {
    expect(policy().usesUserInfo).toBe(false);
  });
});
