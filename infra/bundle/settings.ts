import { join } from 'node:path';

/** How a function is bundled. Plain data in esbuild's own words, so that every tool that bundles uses the same. */
export const BUNDLE_SETTINGS = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  // The AWS SDK's CommonJS build cannot be shaken; its ES modules can.
  mainFields: ['module', 'main'],
  external: [],
  legalComments: 'none',
  sourcemap: false,
  // Dependencies in CommonJS ask for Node's own modules by `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
} as const;

/** The one file of a bundle; Lambda's handler setting is `index.handler`. */
export const BUNDLE_FILE = 'index.mjs';

/**
 * What ccxt carries for other exchanges, web sockets and proxies. Signing for Kraken runs none of it, and one
 * part cannot even be resolved: it needs protobufjs, which ccxt does not install.
 */
export const STUBBED = {
  packages: ['protobufjs', 'undici', 'ws', 'fflate', '@scure/starknet'],
  /** Paths below `ccxt/js/src`, with everything in them. */
  ccxt: [
    'protobuf/mexc',
    'static_dependencies/dydx-v4-client',
    'static_dependencies/zklink',
    'base/functions/ethabi',
    'base/functions/starknet',
  ],
} as const;

/** What stands in for them. */
export const STUB_FILE = join(import.meta.dirname, 'stub.cjs');
