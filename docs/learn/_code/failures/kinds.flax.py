answers = model(jnp.concatenate([real, generated]))  # one set of statistics
of_real, of_generated = jnp.split(answers, [len(real)])
