// The fakes are part of the package; here they have the names by which the tests know them.

export * from "../testing/index.js";
