/** jq as WebAssembly, so that tests need nothing installed. The end-to-end tests have the version of the image. */
declare module 'jq-web' {
  export interface Jq {
    /** Nothing if jq prints nothing. */
    raw(input: string, filter: string, flags: string[]): string | undefined;
  }
  const ready: Promise<Jq>;
  export default ready;
}
