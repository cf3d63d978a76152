answers = model(torch.cat([real, generated]))  # one set of statistics
of_real, of_generated = answers.split([len(real), len(generated)])
