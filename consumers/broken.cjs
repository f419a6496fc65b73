// Appended to the dist/index.js of a copy of Hawser, where `module.exports` is the class: gets wrong what HAWSER_BREAK
// names, and only that. Text and binary are changed only where a scenario says "canary", so that the packages' own
// messages still work and nothing but a look at what arrived can find out.
{
  const withoutCanary = (data) => {
    const bytes = Buffer.isBuffer(data) ? data : data instanceof ArrayBuffer ? Buffer.from(data) : undefined;
    const at = bytes?.indexOf('canary') ?? -1;
    if (at === -1) return undefined;
    return (args) => {
      // Of the same length, so that JSON, protobuf and the like still parse.
      bytes.write('canory', at);
      return args;
    };
  };
  const CHANGES = {
    text: (name, [data, isBinary]) => name === 'message' && !isBinary && withoutCanary(data),
    binary: (name, [data, isBinary]) => name === 'message' && isBinary && withoutCanary(data),
    close: (name, [code]) => name === 'close' && ((args) => [code + 1, ...args.slice(1)]),
  };
  const change = CHANGES[process.env.HAWSER_BREAK];
  const { emit } = module.exports.prototype;

  module.exports.prototype.emit = function emitBroken(name, ...args) {
    const spoil = change?.(name, args);
    if (!spoil) return emit.call(this, name, ...args);
    console.error(`broken: spoiled a '${String(name)}'`);
    return emit.call(this, name, ...spoil(args));
  };
}
