import fc from 'fast-check';
import { chartImage, escapeTemplate } from '../../src/kube/helm';
import { runs } from '../property-runs';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** What charts make of the three values. */
function joined({ registry, repository, tag }: ReturnType<typeof chartImage>): string {
  return `${registry ? `${registry}/` : ''}${repository}:${tag}`;
}

describe('An image in the values of a chart', () => {
  it.each<[string, ReturnType<typeof chartImage>]>([
    ['docker.io/grafana/pyroscope:2.2.1', { registry: 'docker.io', repository: 'grafana/pyroscope', tag: '2.2.1' }],
    ['registry.example.com:5000/a/b/c:v1', { registry: 'registry.example.com:5000', repository: 'a/b/c', tag: 'v1' }],
    ['localhost/a:1', { registry: 'localhost', repository: 'a', tag: '1' }],
    ['grafana/pyroscope:2.2.1', { registry: '', repository: 'grafana/pyroscope', tag: '2.2.1' }],
    ['pyroscope:2.2.1', { registry: '', repository: 'pyroscope', tag: '2.2.1' }],
    [`ghcr.io/x/y:1@${DIGEST}`, { registry: 'ghcr.io', repository: 'x/y', tag: `1@${DIGEST}` }],
  ])('has its parts: %s', (image, parts) => {
    expect(chartImage(image)).toEqual(parts);
    expect(joined(chartImage(image))).toBe(image);
  });

  it('keeps a digest that stands alone, behind a tag that nobody looks at', () => {
    expect(joined(chartImage(`ghcr.io/x/y@${DIGEST}`))).toBe(`ghcr.io/x/y:pinned@${DIGEST}`);
  });
});

describe('Text in a chart\'s template', () => {
  /** What Go makes of a template without actions besides quoted text. */
  const executed = (template: string): string => template.replace(/\{\{ ("(?:[^"\\]|\\.)*") \}\}/g, (_, text: string) => JSON.parse(text) as string);

  it('comes out as it was', () => {
    const brace = fc.array(fc.constantFrom('{', '}', 'a', '"', ' ', '{{', '}}', '{{ .Values.x }}'), { maxLength: 12 }).map(parts => parts.join(''));
    fc.assert(fc.property(brace, text => {
      expect(executed(escapeTemplate(text))).toBe(text);
      expect(escapeTemplate(text).replaceAll('{{ "{{" }}', '-')).not.toContain('{{');
    }), runs(100));
  });

  it('runs nothing', () => {
    expect(escapeTemplate('a {{ .Values.secret }}')).toBe('a {{ "{{" }} .Values.secret }}');
    expect(escapeTemplate('no braces { } }}')).toBe('no braces { } }}');
  });
});
