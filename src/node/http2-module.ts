/** Loads Node's HTTP/2 when somebody uses it: it costs milliseconds and a megabyte. */
export function http2Module(): typeof import('node:http2') {
  return process.getBuiltinModule('node:http2');
}
