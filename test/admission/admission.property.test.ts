import { parse } from '@bufbuild/cel';
import fc from 'fast-check';
import { readCel } from './cel-text';
import { looksAt, policiesOf, SYSTEM_NAMESPACES, textsOf, wirePolicies } from './policies';
import type { Policy } from '../../src/admission/policy';
import { AdmissionEngine } from '../../src/api/admission';
import { SpecError } from '../../src/config/problem';
import type { ResolvedSpec } from '../../src/config/resolved-spec';
import type { Manifest } from '../../src/kube/manifest';
import { renderParts } from '../../src/render';
import { resolve } from '../../src/resolve';
import { anyText, mutated, mutation } from '../config/arbitraries';
import { validSpec } from '../config/valid-spec';
import { runs } from '../property-runs';
import { resolved } from '../support';

/** What an engine makes of it, unless that engine has a form of its own. */
function emitted(spec: ResolvedSpec): Manifest[] {
  return spec.admission?.engine === 'kyvernoClusterPolicy' ? [] : Object.values(renderParts(spec).admission);
}

function judgedSystemNamespaces(spec: ResolvedSpec): string[] {
  return wirePolicies(emitted(spec)).flatMap(policy => SYSTEM_NAMESPACES.filter(namespace => looksAt(policy, namespace))
    .map(namespace => `${policy.metadata.name} judges ${namespace}`));
}

/** Variables that a text uses before they are there. */
function undeclared({ variables, conditions, validations, auditAnnotations = [] }: Policy): string[] {
  const uses = (text: string, declared: readonly string[]) =>
    [...readCel(text).skeleton.matchAll(/\bvariables\.(\w+)/g)].map(([, name]) => name).filter(name => !declared.includes(name));
  const names = variables.map(({ name }) => name);
  return [
    ...conditions.flatMap(({ expression }) => uses(expression, [])),
    ...variables.flatMap(({ expression }, i) => uses(expression, names.slice(0, i))),
    ...validations.flatMap(({ expression, messageExpression }) => [...uses(expression, names), ...uses(messageExpression, names)]),
    ...auditAnnotations.flatMap(({ valueExpression }) => uses(valueExpression, names)),
  ];
}

describe('Policies of every specification', () => {
  it('are of every engine, or there are none', () => {
    const engines = fc.sample(validSpec, 100).map(value => resolve(value).admission?.engine);
    expect(new Set(engines)).toEqual(new Set([undefined, ...Object.values(AdmissionEngine)]));
  });

  it('never look at the namespaces of Kubernetes', () => {
    fc.assert(fc.property(validSpec, value => { expect(judgedSystemNamespaces(resolve(value))).toEqual([]); }), runs(80));
  });

  it('never look at the namespaces of Kubernetes, whatever a mistake makes of the specification', () => {
    fc.assert(fc.property(validSpec, fc.array(mutation, { minLength: 1, maxLength: 3 }), (value, mutations) => {
      try {
        expect(judgedSystemNamespaces(resolve(mutated(value, mutations)))).toEqual([]);
      } catch (error) {
        if (!(error instanceof SpecError)) { throw error; }
      }
    }), runs(300));
  });

  it('have names that begin with the agents\' namespace, each once for a kind', () => {
    fc.assert(fc.property(validSpec, value => {
      const spec = resolve(value);
      const identities = emitted(spec).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(identities).size).toBe(identities.length);
      expect(identities.filter(identity => !identity.includes(` ${spec.agents.namespace}-`))).toEqual([]);
    }), runs(80));
  });

  it('use variables that are declared before', () => {
    fc.assert(fc.property(validSpec, value => {
      expect(policiesOf(resolve(value)).flatMap(undeclared)).toEqual([]);
    }), runs(80));
  });

  it('are written in CEL', () => {
    fc.assert(fc.property(validSpec, value => {
      policiesOf(resolve(value)).flatMap(textsOf).forEach(text => expect(() => parse(text)).not.toThrow());
    }), runs(16));
  });

  it('demand something, and say what', () => {
    fc.assert(fc.property(validSpec, value => {
      policiesOf(resolve(value)).forEach(({ rules, namespaces, validations }) => {
        expect(rules.length * validations.length).toBeGreaterThan(0);
        if (namespaces && 'only' in namespaces) { expect(namespaces.only.length).toBeGreaterThan(0); }
        validations.forEach(({ messageExpression }) => expect(readCel(messageExpression).literals.join('').length).toBeGreaterThan(10));
      });
    }), runs(80));
  });
});

describe('Texts of the user', () => {
  const harmless = resolved({
    access: { portForward: { groups: ['a'], breakGlassGroups: ['b'] } },
    admission: {
      platformGroups: ['c'],
      exemptions: [{
        namespace: 'd', serviceAccounts: ['e'], privileges: ['hostPID'], hostPaths: [{ path: '/h' }], reason: 'some good reason', expires: '2999-03-31',
      }],
      podSecurity: { exemptNamespaces: [{ namespace: 'g', reason: 'some good reason' }] },
      extraPolicies: [{ name: 'f', reason: 'some good reason', resources: ['pods'], expression: 'true', message: 'some good advice' }],
    },
  });

  /** The specification with this text wherever there is one, past all checks. */
  function withText(text: string): ResolvedSpec {
    const { access, agents, scope, images } = harmless;
    const { exemptions: [exemption], extraPolicies: [policy], podSecurity, ...rest } = harmless.admission!;
    const [pool] = agents.nodePools;
    return {
      ...harmless,
      images: { ...images, agent: `z${text}` }, // still the last of the images
      scope: { ...scope, optInLabel: { key: text, value: text } },
      access: { ...access, portForward: { groups: [text], breakGlassGroups: [text] } },
      agents: { ...agents, nodePools: [{ ...pool, name: text }] },
      admission: {
        ...rest,
        platformGroups: [text],
        exemptions: [{ ...exemption, namespace: text, serviceAccounts: [text], hostPaths: [{ path: text }], reason: text }],
        podSecurity: { ...podSecurity!, exemptNamespaces: [text, `${text}2`].map(namespace => ({ namespace, reason: text })) },
        extraPolicies: [{ ...policy, message: text, reason: text }],
      },
    };
  }

  /** The scope goes into no policy but by itself, and no agent is emitted for one that means nothing. */
  const policiesWith = (spec: ResolvedSpec) => policiesOf(spec, { ...spec, scope: harmless.scope });
  const skeletons = (spec: ResolvedSpec) => policiesWith(spec).flatMap(textsOf).map(text => readCel(text).skeleton);

  it('cannot leave their literals', () => {
    const expected = skeletons(harmless);
    const text = fc.oneof(fc.constantFrom('"', '\\', '\\"', '" || true || "', '\\" || true || \\"', '"]) || true //', '\n', '\r', '\'', '"""', 'é 😀 \u2028'), anyText)
      // As the opt-in value, these change a list and not only a text.
      .filter(given => !['disabled', 'false', 'off'].includes(given));
    fc.assert(fc.property(text, given => {
      expect(skeletons(withText(given))).toEqual(expected);
    }), runs(300));
  });

  it('are compared as they are', () => {
    fc.assert(fc.property(anyText.map(text => `§${text}`), given => {
      const all = policiesWith(withText(given));
      const literals = (name: string) => textsOf(all.find(policy => policy.name === name)!).flatMap(text => readCel(text).literals);
      expect(literals('restrict-port-forward').filter(literal => literal === given)).toHaveLength(2);
      expect(literals('restrict-exec')).toContain(given);
      expect(literals('protect-configuration')).toContain(given);
      expect(literals('protect-pod-security-labels')).toContain(given);
      expect(literals('require-pod-security')).toContain(given);
      expect(literals('protect-opt-in-label').filter(literal => literal === given)).toHaveLength(4);
      // Namespace and account, of three kinds of exemptions; and the path.
      expect(literals('restrict-privileges').filter(literal => literal === given)).toHaveLength(7);
      expect(literals('restrict-agent-namespace')).toEqual(expect.arrayContaining([`z${given}`, `parca-agent-${given}`]));
      expect(literals('f').at(-1)).toBe(given);
    }), runs(100));
  });
});
