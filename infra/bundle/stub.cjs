/** In place of a module that is never used: any export, each undefined. */
module.exports = new Proxy({}, { get: () => undefined });
