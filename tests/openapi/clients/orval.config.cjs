module.exports = {
    kurs: {
        input: "openapi.json",
        output: { target: "orval_service.ts", client: "fetch", override: { mutator: { path: "ask.ts", name: "ask" } } },
    },
};
