import fc from 'fast-check';

/** Every property has one seed, so that all who run it see the same; `npm run test:long` gives others. */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 3261) });
