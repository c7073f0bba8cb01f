/** The inspector page: static files without inline scripts or styles, which a strict Content-Security-Policy admits. */
export default {
  base: './',
  logLevel: 'warn',
  resolve: { alias: [{ find: /^fp-ts\/lib\/(.*)\.js$/, replacement: 'fp-ts/es6/$1.js' }] },
  build: {
    outDir: '../../dist/inspector',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
};
