import { parca } from '../../config/errors';
import { readCel } from '../cel-text';
import type { Sections } from '../policies';
import { policyOf, SYSTEM_NAMESPACES, validationOf } from '../policies';

const policy = (sections: Sections = {}) => policyOf('protect-opt-in-label', sections);
const OFF = ['disabled', 'false', 'off'];

describe('The opt-in label', () => {
  it('is watched in sensitive namespaces, without those of Kubernetes', () => {
    const scope = { sensitiveNamespaces: ['payments', 'auth', ...SYSTEM_NAMESPACES] };
    expect(policy({ scope }).namespaces).toEqual({ only: ['auth', 'payments', 'profiling', 'profiling-agents'] });
  });

  it.each([{}, { scope: {} }, { scope: { sensitiveNamespaces: [] } }])('is watched in our own namespaces, whatever the list: %j', sections => {
    expect(policy(sections).namespaces).toEqual({ only: ['profiling', 'profiling-agents'] });
    expect(policy({ ...sections, ...parca({ namespace: 'obs', agentNamespace: 'eyes' }) }).namespaces).toEqual({ only: ['eyes', 'obs'] });
  });

  it('is the one of the document', () => {
    const custom = policy({ scope: { optInLabel: { key: 'example.com/profile', value: 'yes' } } });
    ['the label example.com/profile may', 'the label example.com/profile of the pod template may'].forEach(message => {
      const { literals } = readCel(validationOf(custom, message).expression);
      expect(literals).toEqual(['example.com/profile', 'example.com/profile', ...OFF]);
    });
  });

  it('may be missing or say no, and nothing else', () => {
    const says = (metadata: string) => `!has(${metadata}.labels) || !("profiling" in ${metadata}.labels) || ${metadata}.labels["profiling"] in ["disabled", "false", "off"]`;
    expect(validationOf(policy(), 'the label profiling may').expression).toBe(`!variables.labelsAreNew || ${says('object.metadata')}`);
    expect(validationOf(policy(), 'of the pod template').expression).toBe(`!variables.podsAreNew || ${says('variables.podMetadata')}`);
  });

  it('is not said to be off by the value that switches it on', () => {
    const { literals } = readCel(validationOf(policy({ scope: { optInLabel: { key: 'no-profiling', value: 'false' } } }), 'the label no-profiling may').expression);
    expect(literals).not.toContain('false');
  });

  it('has a sibling in annotations that other collectors read', () => {
    const { expression } = validationOf(policy(), 'annotations profiles.grafana.com/*.scrape');
    expect(expression).toMatch(/^!variables\.podsAreNew \|\| !has\(variables\.podMetadata\.annotations\) \|\| variables\.podMetadata\.annotations\.all\(a,/);
    expect(readCel(expression).literals).toEqual(['profiles.grafana.com/', '.scrape', ...OFF]);
  });

  it('is judged where it is new, also on templates', () => {
    expect(policy().conditions).toEqual([]);
    const [, labelsAreNew, podsAreNew] = policy().variables;
    expect([labelsAreNew.name, podsAreNew.name]).toEqual(['labelsAreNew', 'podsAreNew']);
    [labelsAreNew, podsAreNew].forEach(({ expression }) => expect(expression).toMatch(/^request\.operation != "UPDATE" \|\| /));
    const labels = (object: string) => `${object}.metadata.labels`;
    expect(labelsAreNew.expression.replace(/^.*? \|\| /, ''))
      .toBe(`has(${labels('object')}) != has(${labels('oldObject')}) || (has(${labels('object')}) && ${labels('object')} != ${labels('oldObject')})`);
    ['object.metadata.labels != old', 'object.metadata.annotations != old', 'object.spec.jobTemplate != old', 'object.spec.template != old'].forEach(part => {
      expect(podsAreNew.expression).toContain(part);
    });
  });

  it('is refused with what to do', () => {
    policy().validations.forEach(({ messageExpression }) => {
      expect(readCel(messageExpression).literals[0]).toContain(': this namespace is sensitive and never profiled. Remove it, or set it to disabled, false, off.');
    });
  });

  it('is judged whoever asks', () => {
    expect(policy().usesUserInfo).toBe(false);
  });
});
