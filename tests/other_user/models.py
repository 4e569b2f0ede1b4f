"""A user model of its own, its proxy, and the gate that goes with it."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class Person(AbstractBaseUser):
    name = models.CharField(max_length=30, unique=True)
    is_active = models.BooleanField(default=True)
    teams = models.ManyToManyField("Team")

    USERNAME_FIELD = "name"

    def __str__(self) -> str:
        return self.name


class Nickname(Person):
    class Meta:
        proxy = True

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    name = models.CharField(max_length=30)

    def __str__(self) -> str:
        return self.name


def in_a_team(person: Person, assistant: object) -> bool:
    return person.teams.exists()
