/**
 * Whether an image reference must carry a digest.
 */
export enum ImagePinning {
  /** Every image must be `name@sha256:…` or `name:tag@sha256:…`. */
  REQUIRED = 'required',
  /** Tags are accepted; the summary lists what is not pinned. */
  TAGS_ALLOWED = 'tagsAllowed',
}

/**
 * The images of everything emitted.
 *
 * The defaults are upstream tags. A tag can be moved by whoever owns the registry, so `pinning: required`
 * refuses them until each is given with its digest.
 */
export interface ImagesSpec {
  /**
   * Whether images without a digest are refused.
   *
   * @default ImagePinning.REQUIRED
   */
  readonly pinning?: ImagePinning;

  /**
   * Registry that serves every image, with a path if it has one: a mirror. It replaces the registry of all images, those of charts too; images that are
   * named below with this registry stay as they are.
   *
   * @default - the registry of each image
   * @format registry
   */
  readonly registry?: string;

  /**
   * Names of Secrets of type `kubernetes.io/dockerconfigjson`, in every namespace of the deployment, with which images are pulled.
   *
   * @default - none
   * @format dns-subdomain
   * @minItems 1
   */
  readonly pullSecrets?: string[];

  /**
   * Repository of the Helm charts, where charts are used: `https://` or `oci://`.
   *
   * @default "https://grafana.github.io/helm-charts"
   * @format chart-repository
   */
  readonly chartRepository?: string;

  /**
   * Parca server. The manifests use the flags of v0.28.
   *
   * @default - the upstream image of the supported version, by tag
   * @format image
   * @see https://github.com/parca-dev/parca/releases
   */
  readonly parca?: string;

  /**
   * Parca Agent. The manifests use the flags of v0.49.
   *
   * @default - the upstream image of the supported version, by tag
   * @format image
   * @see https://github.com/parca-dev/parca-agent/releases
   */
  readonly agent?: string;

  /**
   * HAProxy, 2.6 or newer with Lua and OpenSSL, as the official image has them.
   *
   * @default - the official image of the supported version, by tag
   * @format image
   * @see https://hub.docker.com/_/haproxy
   */
  readonly gateway?: string;

  /**
   * A small image with a POSIX shell, `grep` and `cat`, for the agent's preflight check.
   *
   * @default - the official busybox image, by tag
   * @format image
   * @see https://hub.docker.com/_/busybox
   */
  readonly preflight?: string;

  /**
   * The same small image, with `httpd`, for what holds kernel settings on the nodes.
   *
   * @default - the official busybox image, by tag
   * @format image
   * @see https://hub.docker.com/_/busybox
   */
  readonly nodeSettings?: string;

  /**
   * An image with bpftool, jq and busybox, for the inventory of eBPF programs.
   *
   * Nobody publishes one: build `images/ebpf-inventory` and name it here. The default can be had from no registry.
   *
   * @default "localhost/hardened-profiling/ebpf-inventory:1"
   * @format image
   */
  readonly ebpfInventory?: string;

  /**
   * Grafana Pyroscope. The manifests use the flags of 2.2.
   *
   * @default - the upstream image of the supported version, by tag
   * @format image
   * @see https://github.com/grafana/pyroscope/releases
   */
  readonly pyroscope?: string;

  /**
   * Grafana Alloy. The configuration uses the components of v1.18.
   *
   * @default - the upstream image of the supported version, by tag
   * @format image
   * @see https://github.com/grafana/alloy/releases
   */
  readonly alloy?: string;
}
